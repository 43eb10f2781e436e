import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Candle, MarketObservation, MarketStep } from '@perpdesk/core';
import { strToU8, zipSync } from 'fflate';
import type { ReplaySource } from '../replay-source.ts';

/** A temporary directory of recordings made by a test. */
export class RecordingFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'perpdesk-replay-'));

  /** Writes a file: `.gz` and `.zip` names are packed, bytes are written as they are. */
  write(name: string, content: string | Uint8Array): this {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? packed(name, content) : content);
    return this;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The bytes of a file of this name with this text. */
export function packed(name: string, text: string): Uint8Array {
  if (name.endsWith('.gz')) return gzipSync(text);
  if (name.endsWith('.zip')) return zipSync({ 'rows.csv': strToU8(text) });
  return strToU8(text);
}

export const candleHeader = 't_open_ms,open,high,low,close,volume';
export const fundingHeader = 'fundingTime_ms,fundingRate';

/** CSV lines. */
export const csv = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** Rows of `count` bars whose prices rise by one a bar. */
export const risingRows = (openAtMs: number, durationMs: number, count: number, price = 100): string[] =>
  Array.from({ length: count }, (_, i) => {
    const open = price + i;
    return `${openAtMs + i * durationMs},${open},${open + 2},${open - 1},${open + 1},10`;
  });

export async function collectSteps(source: ReplaySource): Promise<MarketStep[]> {
  const steps: MarketStep[] = [];
  for await (const step of source.steps()) steps.push(step);
  return steps;
}

export async function collectHistory(source: ReplaySource): Promise<Candle[]> {
  const candles: Candle[] = [];
  for await (const series of source.history()) candles.push(...series);
  return candles;
}

/** The observations of one kind in the order they come. */
export const ofKind = <Kind extends MarketObservation['kind']>(steps: readonly MarketStep[], kind: Kind) =>
  steps
    .flatMap((step) => step.observations)
    .filter((seen): seen is Extract<MarketObservation, { kind: Kind }> => seen.kind === kind);
