import { type Candle, ConfigError, type SeriesRows, SimulatedClock, timeframeMs } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqlTimeSeriesStore } from '../sql-time-series-store.ts';
import type { RetentionPolicy } from './retention-policy.ts';
import { RetentionService } from './retention-service.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const startMs = Date.UTC(2026, 0, 5);
const btc = { instrumentId: 'BTC-PERP@hyperliquid' } as const;
const whole = { fromMs: 0, toMs: 8e15 };
const rolled = { kind: 'candle', timeframe: '1m', keepMs: dayMs, rollUpTo: '1h' } as const;

const bar = (index: number, changes: Partial<Candle> = {}): Candle => ({
  ...{ ...btc, timeframe: '1m', openAtMs: startMs + index * timeframeMs(changes.timeframe ?? '1m') },
  ...{ open: 100 + index, high: 102 + (index % 7), low: 99 - (index % 5), close: 101 + index, volume: 1 + index / 8 },
  ...changes,
});
const bars = (count: number, changes: Partial<Candle> = {}): Candle[] =>
  Array.from({ length: count }, (_, index) => bar(index, changes));
const quote = (atMs: number): SeriesRows['quote'] => ({
  ...{ ...btc, last: 100, mark: 100, bid: 99, ask: atMs - startMs + 100, exchangeAtMs: atMs, receivedAtMs: atMs + 5 },
});

const databases = (await testDatabases()).filter(({ title }) => title !== 'SQLite in memory');

describe.each(databases)('RetentionService on $title', ({ title, available, make }) => {
  let test: TestDatabase;
  let database: Database;
  let store: SqlTimeSeriesStore;
  let clock: SimulatedClock;

  const service = (...policies: RetentionPolicy[]) => new RetentionService({ database, clock, policies });
  const minutes = async (): Promise<readonly number[]> =>
    (await store.read('candle', { ...btc, timeframe: '1m', ...whole })).map(
      (one) => (one.openAtMs - startMs) / minuteMs,
    );
  const hours = () => store.read('candle', { ...btc, timeframe: '1h', ...whole });

  describe.skipIf(!available)('with a store', () => {
    beforeEach(async () => {
      test = await make();
      database = await test.open({ durability: 'normal' });
      store = new SqlTimeSeriesStore({ database });
      await store.start();
      clock = new SimulatedClock({ startAtMs: startMs });
    });
    afterEach(async () => {
      await store.stop();
      await test.drop();
    });

    it('default: minutes past their time become hours, on the clock, and go', async () => {
      await store.writeCandles([...bars(3000), ...bars(3000, { instrumentId: 'ETH-PERP@hyperliquid' })]);
      const expected = await store.downsampleCandles({ ...btc, timeframe: '1m', ...whole, to: '1h' });
      const retention = service(rolled);
      await retention.start();
      await clock.advanceTo(startMs + 3000 * minuteMs - 1);
      // 50 hours have begun, those before the last day are 25 whole ones.
      await clock.advanceTo(startMs + 50 * hourMs);
      expect(await minutes()).toEqual(Array.from({ length: 3000 - 26 * 60 }, (_, i) => 26 * 60 + i));
      expect(
        (await hours()).map(({ openAtMs, open, high, low, close, volume }) => [
          openAtMs,
          open,
          high,
          low,
          close,
          volume,
        ]),
      ).toEqual(
        Array.from({ length: 26 }, (_, i) => [
          ...[expected.openAtMs[i], expected.open[i], expected.high[i], expected.low[i], expected.close[i]],
          expected.volume[i],
        ]),
      );
      expect((await store.newestCandles({ asOfMs: 8e15, timeframe: '1h' })).map((one) => one.instrumentId)).toEqual([
        btc.instrumentId,
        'ETH-PERP@hyperliquid',
      ]);
      expect(retention.health()).toMatchObject({ status: 'healthy' });
      await retention.stop();
      expect(clock.nextTimerAtMs()).toBeUndefined();
    });

    it('behavior: an hour that lacks a minute is kept and said, one that is there already is not touched', async () => {
      await store.writeCandles(bars(240).filter((_, index) => index !== 70 && index !== 130));
      await store.writeCandles([bar(2, { timeframe: '1h', close: 7 })]);
      await clock.advanceTo(startMs + dayMs + 3 * hourMs + 30 * minuteMs);
      const retention = service(rolled);
      expect(await retention.run()).toEqual({ deleted: 60 + 59, rolledUp: 1, incomplete: 1 });
      expect(await minutes()).toEqual(
        [...Array.from({ length: 119 }, (_, i) => 60 + i)]
          .filter((i) => i !== 70 && i < 120)
          .concat(Array.from({ length: 60 }, (_, i) => 180 + i)),
      );
      expect((await hours()).map(({ openAtMs, close }) => [(openAtMs - startMs) / hourMs, close])).toEqual([
        [0, 160],
        [2, 7],
      ]);
      expect(await retention.run()).toEqual({ deleted: 0, rolledUp: 0, incomplete: 1 });
      expect(await service({ ...rolled, incomplete: 'delete' as const }).run()).toEqual({
        deleted: 59,
        rolledUp: 0,
        incomplete: 0,
      });
      await store.writeCandles([bar(70)]);
      expect(await service({ kind: 'candle', timeframe: '1m', keepMs: dayMs }).run()).toMatchObject({ deleted: 31 });
    });

    it('behavior: taker volume adds up', async () => {
      const volumes = Array.from({ length: 120 }, (_, index) => ({
        ...{ ...btc, timeframe: '1m' as const, openAtMs: startMs + index * minuteMs },
        ...{ buyVolume: index / 8, sellVolume: 1, buyTrades: index, sellTrades: 2 },
      }));
      await store.write('volume', volumes);
      await clock.advanceTo(startMs + dayMs + hourMs);
      const policy = { kind: 'volume', timeframe: '1m', keepMs: dayMs, rollUpTo: '1h' } as const;
      expect(await service(policy).run()).toEqual({ deleted: 60, rolledUp: 1, incomplete: 0 });
      expect(await store.read('volume', { ...btc, timeframe: '1h', ...whole })).toEqual([
        { ...volumes[0], timeframe: '1h', buyVolume: 1770 / 8, sellVolume: 60, buyTrades: 1770, sellTrades: 120 },
      ]);
    });

    it('behavior: quotes thin out to the last of each minute, later they go', async () => {
      const written = Array.from({ length: 5000 }, (_, index) => quote(startMs + index * 700));
      await store.write('quote', written);
      const policy = { kind: 'quote', keepMs: dayMs, thin: { afterMs: hourMs, everyMs: minuteMs } } as const;
      const retention = service(policy);
      await clock.advanceTo(startMs + hourMs + 30 * minuteMs + 30_000);
      const last = new Map(written.map((row) => [Math.floor(row.exchangeAtMs / minuteMs), row]));
      const kept = (untilMs: number) =>
        written.filter(
          (row) => row.exchangeAtMs >= untilMs || last.get(Math.floor(row.exchangeAtMs / minuteMs)) === row,
        );
      const rows = () => store.read('quote', { ...btc, ...whole });
      expect(await retention.run()).toMatchObject({ deleted: written.length - kept(startMs + 30 * minuteMs).length });
      expect(await rows()).toEqual(kept(startMs + 30 * minuteMs));
      expect(await retention.run()).toMatchObject({ deleted: 0 });
      await clock.advanceTo(startMs + hourMs + 45 * minuteMs);
      await retention.run();
      expect(await rows()).toEqual(kept(startMs + 45 * minuteMs));
      await clock.advanceTo(startMs + dayMs + 20 * minuteMs);
      await retention.run();
      expect(await rows()).toEqual(kept(8e15).filter((row) => row.exchangeAtMs >= startMs + 20 * minuteMs));
    });

    it('behavior: the loop turns between steps, and a stop ends a run after the step it is in', async () => {
      await store.writeCandles(bars(14_000));
      const rows = async (): Promise<number | undefined> =>
        (await sql<{ held: number }>`select count(*) as held from market_candles`.execute(database.kysely)).rows[0]
          ?.held;
      await clock.advanceTo(startMs + 60 * dayMs);
      const retention = service({ kind: 'candle', timeframe: '1m', keepMs: dayMs });
      await retention.start();
      void clock.advanceBy(hourMs);
      while ((await rows()) === 14_000) await new Promise((resolve) => setImmediate(resolve));
      await retention.stop();
      const left = await rows();
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(14_000);
      await clock.idle();
      expect(await rows()).toBe(left);
      let turns = 0;
      const count = (): void => {
        turns += 1;
        if (turns < 1000) setImmediate(count);
      };
      setImmediate(count);
      expect((await service({ kind: 'candle', timeframe: '1m', keepMs: dayMs }).run()).deleted).toBe(left);
      expect(turns).toBeGreaterThanOrEqual(Math.floor((left ?? 0) / 2000));
    });

    it('behavior: a run that was stopped left no hour half done, and the next one ends it', async () => {
      await store.writeCandles(bars(12_000));
      await clock.advanceTo(startMs + 60 * dayMs);
      const retention = service(rolled);
      await retention.start();
      void clock.advanceBy(hourMs);
      while ((await hours()).length === 0) await new Promise((resolve) => setImmediate(resolve));
      await retention.stop();
      await clock.idle();
      const made = (await hours()).length;
      expect(made).toBeGreaterThan(0);
      expect(made).toBeLessThan(200);
      expect(await minutes()).toEqual(Array.from({ length: 12_000 - made * 60 }, (_, i) => made * 60 + i));
      expect(await service(rolled).run()).toEqual({ deleted: 12_000 - made * 60, rolledUp: 200 - made, incomplete: 0 });
      expect((await hours()).map(({ openAtMs, volume }) => [(openAtMs - startMs) / hourMs, volume])).toEqual(
        Array.from({ length: 200 }, (_, i) => [i, 60 + (60 * (60 * i + 29.5)) / 8]),
      );
    });

    it('behavior: bars are written while a run goes on, none is lost', async () => {
      await store.writeCandles(bars(12_000));
      await clock.advanceTo(startMs + 60 * dayMs);
      let running = true;
      const run = service(rolled)
        .run()
        .finally(() => {
          running = false;
        });
      let written = 0;
      while (running) {
        written += 1;
        const outcome = await store.writeCandles([bar(60 * 1440 + written), bar(written, { timeframe: '5m' })]);
        expect(outcome).toEqual({ inserted: 2, replaced: 0, unchanged: 0 });
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await run).toEqual({ deleted: 12_000, rolledUp: 200, incomplete: 0 });
      expect(written).toBeGreaterThan(5);
      expect(await minutes()).toEqual(Array.from({ length: written }, (_, i) => 60 * 1440 + i + 1));
      expect(await store.read('candle', { ...btc, timeframe: '5m', ...whole })).toHaveLength(written);
    });

    it('behavior: two runs at once follow one another and are both whole', async () => {
      await store.writeCandles(bars(6000));
      await clock.advanceTo(startMs + dayMs + 50 * hourMs);
      const retention = service(rolled);
      const first = retention.run();
      await clock.advanceTo(startMs + 60 * dayMs);
      const reports = await Promise.all([first, retention.run()]);
      expect(reports.reduce((sum, { deleted }) => sum + deleted, 0)).toBe(6000);
      expect(reports.reduce((sum, { rolledUp }) => sum + rolledUp, 0)).toBe(100);
      expect(await minutes()).toEqual([]);
      if (database.dialect === 'postgres') return;
      const { rows } = await sql`pragma wal_autocheckpoint`.execute(database.kysely);
      expect(rows).toEqual([{ wal_autocheckpoint: 1000 }]);
    });

    it.runIf(title === 'SQLite file')('behavior: the file gets smaller', async () => {
      await store.writeCandles(bars(30_000));
      const pages = async (): Promise<number> =>
        (await sql<{ page_count: number }>`pragma page_count`.execute(database.kysely)).rows[0]?.page_count ?? 0;
      const before = await pages();
      await clock.advanceTo(startMs + 60 * dayMs);
      expect((await service(rolled).run()).deleted).toBe(30_000);
      expect(await pages()).toBeLessThan(before / 5);
    });

    it('error: a database that fails is said and tried again', async () => {
      await store.writeCandles(bars(60));
      const retention = service(rolled);
      await retention.start();
      await sql`alter table market_candles rename to hidden`.execute(database.kysely);
      await clock.advanceBy(2 * dayMs);
      expect(retention.health()).toMatchObject({ status: 'degraded' });
      await sql`alter table hidden rename to market_candles`.execute(database.kysely);
      await clock.advanceBy(hourMs);
      expect(retention.health()).toMatchObject({ status: 'healthy' });
      expect(await minutes()).toEqual([]);
      await retention.stop();
    });

    it('error: policies that can not be meant', () => {
      const quoted = { kind: 'quote', keepMs: dayMs } as const;
      for (const policies of [
        [rolled, rolled],
        [{ ...rolled, rollUpTo: '1m' }],
        [{ ...rolled, timeframe: '1h', rollUpTo: '15m' }],
        [{ ...rolled, keepMs: 0 }],
        [{ ...quoted, timeframe: '1m' }],
        [{ kind: 'indicators', keepMs: dayMs }],
        [{ ...quoted, thin: { afterMs: dayMs, everyMs: minuteMs } }],
      ] as const)
        expect(() => service(...policies)).toThrow(ConfigError);
    });
  });
});
