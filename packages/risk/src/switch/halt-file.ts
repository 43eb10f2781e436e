import { readFileSync, statSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TradingScope, tradingScopeSchema, tradingStateSchema } from '@perpdesk/core';
import * as z from 'zod';

const recordSchema = z.object({ state: tradingStateSchema, reason: z.string(), atMs: z.int() });
const fileSchema = z.object({ version: z.literal(1), scopes: z.record(tradingScopeSchema, recordSchema) });

/** A scope that is not active, why, since when. */
export type HaltRecord = z.infer<typeof recordSchema>;
/** All scopes that are not active. */
export type HaltRecords = ReadonlyMap<TradingScope, HaltRecord>;
/** What a halt file says. `unreadable` counts as a halt of everything. */
export type HaltFileContent =
  | { readonly kind: 'records'; readonly records: HaltRecords }
  | { readonly kind: 'unreadable'; readonly why: string };

/** The file that a halt survives the process in: `trading-halt.json` in the data directory. An empty one, made by hand, halts all. */
export class HaltFile {
  readonly path: string;
  #stamp = '';

  constructor(directory: string) {
    this.path = join(directory, 'trading-halt.json');
  }

  /** Reads it; no file means no halt. */
  read(): HaltFileContent {
    try {
      this.#stamp = this.#currentStamp();
      if (this.#stamp === 'absent') return { kind: 'records', records: new Map() };
      const { scopes } = fileSchema.parse(JSON.parse(readFileSync(this.path, 'utf8')));
      const records = new Map<TradingScope, HaltRecord>();
      for (const [scope, record] of Object.entries(scopes)) records.set(tradingScopeSchema.parse(scope), record);
      return { kind: 'records', records };
    } catch (error) {
      return { kind: 'unreadable', why: error instanceof Error ? error.name : 'unknown' };
    }
  }

  /** True when it is not the file that was last read or written here. Not being able to tell counts as changed. */
  changed(): boolean {
    try {
      return this.#currentStamp() !== this.#stamp;
    } catch {
      return true;
    }
  }

  /** Replaces it, whole or not at all, and resolves when it is on the disk. */
  async write(records: HaltRecords): Promise<void> {
    const scopes = Object.fromEntries([...records].sort(([a], [b]) => (a < b ? -1 : 1)));
    const folder = dirname(this.path);
    await mkdir(folder, { recursive: true });
    const next = `${this.path}.next`;
    const file = await open(next, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ version: 1, scopes }, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, this.path);
    const directory = await open(folder, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    this.#stamp = this.#currentStamp();
  }

  #currentStamp(): string {
    const stats = statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stats === undefined ? 'absent' : `${stats.ino}:${stats.size}:${stats.mtimeNs}`;
  }
}
