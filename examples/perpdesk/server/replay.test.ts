import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Candle, Decimal, timeframeMs } from '@perpdesk/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from './run-report.ts';
import { Workplace } from './testing/product.ts';
import { type Recording, rowOf, writeRecording } from './testing/recording.ts';
import { type ReplayRun, replay } from './testing/replay.ts';

const place = new Workplace();
const lean = fileURLToPath(new URL('../../../../shared/fixtures/candles/lean', import.meta.url));
let recording: Recording;
beforeAll(async () => {
  recording = await writeRecording(place.file('recording'), { seed: 'c', markets: ['BTC', 'SOL'], days: 1 });
});
afterAll(() => place[Symbol.asyncDispose]());

/** What holds for every report. */
function expectSound(report: RunReport): void {
  const { equityStart, equityEnd, pnl, fees, funding } = report;
  expect(new Decimal(equityStart).plus(pnl).minus(fees).plus(funding).toFixed()).toBe(equityEnd);
  expect(report.positionsOpenAtStart + report.positionsOpened).toBe(report.positionsClosed + report.positionsOpen);
  expect(report.unprotectedPositions).toBe(0);
  expect(report.decisions).toBe(report.recommendations);
  const stoodAside = Object.values(report.stoodAside).reduce((sum, count) => sum + count, 0);
  expect(report.rounds).toBe(report.recommendations + stoodAside);
  expect(report.digest).toMatch(/^[0-9a-f]{64}$/);
}

describe('a replay', () => {
  it('default: trades, adds up, and is the same when it is run again', { timeout: 60_000 }, async () => {
    const until = ['--to', new Date((recording.minutes.get('BTC')?.[0]?.openAtMs ?? 0) + 10 * 3_600_000).toISOString()];
    const runs = await Promise.all([replay(place, 'recording', until), replay(place, 'recording', until)]);
    const [first, second] = runs.map(({ report }) => report);
    expect(first).toMatchObject({
      source: 'replay',
      symbols: ['BTC', 'SOL'],
      candles: 2 * 600,
      gaps: [],
      partialBars: 0,
      duplicates: 0,
      conflicts: 0,
      outOfOrder: 0,
      malformed: 0,
      rounds: 2 * 40,
      equityStart: '10000',
    });
    expectSound(first as RunReport);
    expect(first?.positionsOpened).toBeGreaterThan(2);
    expect(first?.positionsClosed).toBeGreaterThan(1);
    expect(first?.funding).not.toBe('0');
    expect({ ...second, durationMs: 0 }).toEqual({ ...first, durationMs: 0 });
  });

  it('behavior: --from, --to and --symbols choose what is played; what lies before warms', {
    timeout: 30_000,
  }, async () => {
    const dayMs = recording.minutes.get('SOL')?.[0]?.openAtMs ?? 0;
    const fromMs = dayMs + 6.5 * timeframeMs('1h');
    const { report } = await replay(place, 'recording', [
      ...['--symbols', 'SOL', '--from', String(fromMs), '--to', new Date(fromMs + 3 * timeframeMs('1h')).toISOString()],
    ]);
    expectSound(report);
    // Bars of 1h and 4h were under way at 06:30: the minutes before make them whole.
    expect(report).toMatchObject({ symbols: ['SOL'], candles: 180, rounds: 12, gaps: [], partialBars: 0 });
    expect(report.stoodAside['insufficient-history']).toBeUndefined();
  });

  it('behavior: everything wrong with the files is counted, told, and loses nothing else', {
    timeout: 30_000,
  }, async () => {
    const all: readonly Candle[] = recording.minutes.get('BTC')?.slice(0, 120) ?? [];
    const lines = all.map(rowOf);
    const twice = lines[10] ?? '';
    const conflicting = rowOf({ ...(all[11] as Candle), close: all[11]?.open ?? 0, volume: 1 });
    const broken = lines
      // Minutes 30 and 31 are missing, minute 40 comes after minute 41.
      .filter((_, minute) => minute !== 30 && minute !== 31)
      .map((line, index, rest) => (index === 38 ? (rest[39] ?? '') : index === 39 ? (rest[38] ?? '') : line));
    const damaged = place.file('damaged');
    const copy = await writeRecording(damaged, { seed: 'c', markets: ['BTC'], days: 1 });
    copy.rewrite('BTC', [...broken.slice(0, 12), twice, conflicting, 'NaN,1,1,1,1,1', ...broken.slice(12), '1,2']);

    const { report, log } = await replay(place, damaged);
    expectSound(report);
    expect(report).toMatchObject({ candles: 118, duplicates: 1, conflicts: 1, malformed: 2 });
    const firstMs = all[0]?.openAtMs ?? 0;
    const gap = { fromMs: firstMs + 30 * 60_000, toMs: firstMs + 32 * 60_000, missing: 2 };
    expect(report.gaps).toEqual([expect.objectContaining(gap)]);
    // The rows that were put in order: the duplicate and the one in conflict lie behind others too.
    expect(report.outOfOrder).toBeGreaterThanOrEqual(1);

    const told = (event: string) => log.filter((line) => line.event === event);
    expect(told('recording.read')).toEqual([
      expect.objectContaining({ candles: 118, gaps: 1, duplicates: 1, conflicts: 1, malformed: 2 }),
    ]);
    expect(told('recording.row-malformed').map(({ level, file, line }) => [level, file, line])).toEqual([
      [40, 'BTC-USDC-PERP_1m-ohlcv.csv', 16],
      [40, 'BTC-USDC-PERP_1m-ohlcv.csv', 123],
    ]);
    expect(told('recording.row-odd').length).toBe(report.conflicts + report.outOfOrder);
    expect(told('feed.gapped')).toEqual([expect.objectContaining(gap)]);
    expect(told('candle.skipped').length).toBe(report.partialBars);
    // What it needed on disk went with it.
    expect(readdirSync(place.path).filter((name) => name.startsWith('perpdesk-replay-'))).toEqual([]);
  });
});

describe.skipIf(!existsSync(lean))('a replay of shared/fixtures/candles/lean', () => {
  it('behavior: two venues of which one ends at noon; nothing is invented', { timeout: 60_000 }, async () => {
    const runs: ReplayRun[] = await Promise.all([replay(place, lean), replay(place, lean)]);
    const [first, second] = runs.map(({ report }) => report);
    expectSound(first as RunReport);
    expect(first).toMatchObject({ symbols: ['ADA', 'BTC'], candles: 3600, malformed: 0 });
    expect(first?.gaps).toEqual([expect.objectContaining({ instrumentId: 'BTC-PERP@binance-coinm', missing: 1 })]);
    expect(second?.digest).toBe(first?.digest);
    expect(second?.gaps).toEqual(first?.gaps);
  });
});
