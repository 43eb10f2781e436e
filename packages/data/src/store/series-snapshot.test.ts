import type { Candle } from '@perpdesk/core';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { numbersOf } from './scan/scanner.ts';
import { SqlTimeSeriesStore } from './sql-time-series-store.ts';

const minutes = { instrumentId: 'BTC-PERP@hyperliquid', timeframe: '1m' } as const;
const whole = { fromMs: 0, toMs: 8e15 };
const bar = (index: number, close = 1): Candle => ({
  ...{ ...minutes, openAtMs: index * 60_000, open: 1, high: 9, low: 0.5, close, volume: index },
});

describe.each(await testDatabases())('a snapshot of $title', ({ title, available, make }) => {
  let test: TestDatabase;
  let store: SqlTimeSeriesStore;

  describe.skipIf(!available)('with a store', () => {
    beforeEach(async () => {
      test = await make();
      store = new SqlTimeSeriesStore({ database: await test.open({ durability: 'normal' }) });
      await store.start();
      await store.writeCandles(Array.from({ length: 9000 }, (_, index) => bar(index)));
    });
    afterEach(async () => {
      await store.stop();
      await test.drop();
    });

    /** Own times and closes of all pages; between the first and the second a bar changes and one comes. */
    const readWhileWritten = (): Promise<{
      readonly sizes: number[];
      readonly at: number[];
      readonly close: number[];
    }> =>
      store.snapshot(async (pages) => {
        const read = { sizes: [] as number[], at: [] as number[], close: [] as number[] };
        for await (const page of pages('candle', { ...minutes, ...whole })) {
          read.sizes.push(page.length);
          read.at.push(...numbersOf(page, 0));
          read.close.push(...numbersOf(page, 4));
          if (read.sizes.length === 1) await store.writeCandles([bar(8000, 2), bar(9000)]);
        }
        return read;
      });

    it('default: every row once, in pages, while the store is written', async () => {
      const { sizes, at } = await readWhileWritten();
      expect(sizes.slice(0, 2)).toEqual([4000, 4000]);
      expect(at.slice(0, 9000)).toEqual(Array.from({ length: 9000 }, (_, index) => index * 60_000));
      expect(await store.readCandles({ ...minutes, ...whole })).toMatchObject({ length: 9001 });
    });

    it.skipIf(title === 'SQLite in memory')('behavior: what is written meanwhile is not in it', async () => {
      const { sizes, close } = await readWhileWritten();
      expect(sizes).toEqual([4000, 4000, 1000]);
      expect(new Set(close)).toEqual(new Set([1]));
      const later = await store.snapshot(async (pages) => {
        let rows = 0;
        for await (const page of pages('candle', { ...minutes, ...whole })) rows += page.length;
        return rows;
      });
      expect(later).toBe(9001);
    });

    it('behavior: a page may be moved to another thread before the next one is read', async () => {
      const rows = await store.snapshot(async (pages) => {
        let read = 0;
        for await (const page of pages('candle', { ...minutes, ...whole })) {
          read += page.length;
          structuredClone(null, { transfer: page.columns.map((_, place) => numbersOf(page, place).buffer) });
        }
        return read;
      });
      expect(rows).toBe(9000);
    });

    it.runIf(title === 'SQLite file')('behavior: the log starts over once it has ended, however it ended', async () => {
      const reader = await test.open({ durability: 'normal' });
      const checkpoint = async (): Promise<number | undefined> =>
        (await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(reader.kysely)).rows[0]?.busy;
      await store.snapshot(async (pages) => {
        for await (const _ of pages('candle', { ...minutes, ...whole })) {
          await store.writeCandles([bar(9000)]);
          expect(await checkpoint()).toBe(1);
          break;
        }
      });
      expect(await checkpoint()).toBe(0);
      const stopping = new AbortController();
      const aborted = store.snapshot(async (pages) => {
        for await (const _ of pages('candle', { ...minutes, ...whole }, { signal: stopping.signal })) stopping.abort();
      });
      await expect(aborted).rejects.toThrow('aborted');
      expect(await checkpoint()).toBe(0);
    });

    it('error: what the reader throws ends it, and the store goes on', async () => {
      const failing = store.snapshot(async (pages) => {
        for await (const _ of pages('candle', { ...minutes, ...whole })) throw new Error('enough');
      });
      await expect(failing).rejects.toThrow('enough');
      await store.writeCandles([bar(9000)]);
      expect(await store.readCandles({ ...minutes, ...whole })).toMatchObject({ length: 9001 });
    });
  });
});
