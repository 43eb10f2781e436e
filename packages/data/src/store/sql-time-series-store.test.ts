import { type Candle, ConfigError, type FundingRate, type OpenInterest } from '@perpdesk/core';
import { timeSeriesStoreContract } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MarketSimulator } from '../simulator/market-simulator.ts';
import { SqlSourceStateStore } from './sql-source-state-store.ts';
import { SqlTimeSeriesStore } from './sql-time-series-store.ts';
import { type TestDatabase, testDatabases } from './testing/test-databases.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 5);
const btc = 'BTC-PERP@hyperliquid';

const bar = (index: number, changes: Partial<Candle> = {}): Candle => ({
  instrumentId: btc,
  timeframe: '1m',
  openAtMs: startMs + index * 60_000,
  open: 100,
  high: 102,
  low: 99,
  close: 101,
  volume: 5,
  ...changes,
});

const funding = (index: number, changes: Partial<FundingRate> = {}): FundingRate => {
  const settlesAtMs = startMs + index * hourMs;
  return {
    instrumentId: btc,
    rate: 0.0000125,
    intervalMs: hourMs,
    settlesAtMs,
    predicted: false,
    exchangeAtMs: settlesAtMs,
    receivedAtMs: settlesAtMs,
    ...changes,
  };
};

describe.each(testDatabases)('SqlTimeSeriesStore on $title', ({ available, make }) => {
  let test: TestDatabase;
  let store: SqlTimeSeriesStore;

  const open = async (): Promise<SqlTimeSeriesStore> => {
    const opened = new SqlTimeSeriesStore({ database: await test.open() });
    await opened.start();
    return opened;
  };

  for (const { name, run } of timeSeriesStoreContract) {
    it.skipIf(!available)(name, () =>
      run(async () => {
        test = await make();
        return { store: await open(), close: () => test.drop() };
      }),
    );
  }

  describe.skipIf(!available)('beside the contract', () => {
    beforeEach(async () => {
      test = await make();
      store = await open();
    });
    afterEach(() => test.drop());

    it('behavior: what was written is there after a new start, and two processes share series', async () => {
      await store.writeCandles([bar(0)]);
      const other = await open();
      await Promise.all([
        store.writeCandles([bar(1, { timeframe: '5m', openAtMs: startMs })]),
        other.writeCandles([bar(0, { timeframe: '5m', close: 7 })]),
      ]);
      await other.writeCandles([bar(1)]);
      expect((await store.readCandles({ instrumentId: btc, timeframe: '1m', fromMs: 0, toMs: 8e15 })).length).toBe(2);
      const { rows } = await sql<{ kind: string }>`select kind from market_series order by kind`.execute(
        (await test.open()).kysely,
      );
      expect(rows.map((row) => row.kind)).toEqual(['1m', '5m']);
    });

    it('behavior: the newest bar of every series', async () => {
      const eth = 'ETH-PERP@binance';
      await store.writeCandles([
        bar(0),
        bar(1),
        bar(2),
        bar(5, { instrumentId: eth }),
        bar(0, { timeframe: '1h' }),
        bar(0, { timeframe: '15m' }),
      ]);
      await store.writeFunding([funding(0)]);
      expect(
        (await store.newestCandles()).map((one) => [
          one.instrumentId,
          one.timeframe,
          (one.openAtMs - startMs) / 60_000,
        ]),
      ).toEqual([
        [btc, '1m', 2],
        [btc, '15m', 0],
        [btc, '1h', 0],
        [eth, '1m', 5],
      ]);
    });

    it('behavior: settled funding is not overwritten by foretold funding, foretold by later is', async () => {
      await store.writeFunding([
        funding(0, { predicted: true, rate: 1e-5 }),
        funding(1, { predicted: true, rate: 2e-5 }),
      ]);
      await store.writeFunding([funding(0, { rate: 3e-5 }), funding(1, { predicted: true, rate: 4e-5 })]);
      await store.writeFunding([funding(0, { predicted: true, rate: 5e-5 })]);
      expect(await store.readFunding({ instrumentId: btc, fromMs: startMs, toMs: startMs + 2 * hourMs })).toEqual([
        funding(0, { rate: 3e-5 }),
        funding(1, { predicted: true, rate: 4e-5 }),
      ]);
      expect(await store.readFunding({ instrumentId: btc, fromMs: startMs + 1, toMs: startMs + hourMs })).toEqual([]);
      expect(await store.readFunding({ instrumentId: 'X-PERP@y', fromMs: 0, toMs: 8e15 })).toEqual([]);
    });

    it('behavior: open interest comes back as it was', async () => {
      const values = [0, 1, 2].map((index): OpenInterest => {
        const exchangeAtMs = startMs + index * 60_000;
        return {
          instrumentId: btc,
          size: 10 + index / 3,
          notionalUsd: 1e6 + index,
          exchangeAtMs,
          receivedAtMs: exchangeAtMs + 7,
        };
      });
      await store.writeOpenInterest([...values].reverse());
      expect(await store.readOpenInterest({ instrumentId: btc, fromMs: startMs, toMs: startMs + 120_000 })).toEqual(
        values.slice(0, 2),
      );
    });

    it('behavior: a source goes on from where it was saved', async () => {
      const states = new SqlSourceStateStore({ database: await test.open() });
      await states.start();
      expect(await states.load('simulator')).toBeUndefined();
      const source = new MarketSimulator({ seed: 3, backfillDays: 1, markets: ['BTC-PERP'] });
      const steps = source.steps();
      for (let i = 0; i < 47; i += 1) await steps.next();
      await states.save('simulator', { atMs: 1, state: { old: true } });
      await states.save('simulator', { atMs: source.state().atMs, state: source.state() });
      const again = new SqlSourceStateStore({ database: await test.open() });
      await again.start();
      const saved = await again.load('simulator');
      expect(saved?.atMs).toBe(startMs + 46 * 2000);
      const resumed = new MarketSimulator({ resume: saved?.state });
      expect(await resumed.steps().next()).toEqual(await steps.next());
      await again.remove('simulator');
      expect(await states.load('simulator')).toBeUndefined();
    });

    it('behavior: says how it is', async () => {
      expect(store.health().status).toBe('healthy');
      await store.stop();
      expect(store.health()).toEqual({ status: 'stopped' });
    });

    it('error: a database of a newer version is refused', async () => {
      const database = await test.open();
      await sql`insert into perpdesk_migrations (namespace, name, applied_at_ms) values ('market', '9999-future', 0)`.execute(
        database.kysely,
      );
      const refused = new SqlTimeSeriesStore({ database }).start();
      await expect(refused).rejects.toBeInstanceOf(ConfigError);
      await expect(refused).rejects.toMatchObject({ code: 'database.newer' });
    });

    it('error: a closed database is a StoreError', async () => {
      const database = await test.open();
      const closing = new SqlTimeSeriesStore({ database });
      await closing.start();
      await sql`drop table market_candles`.execute(database.kysely);
      await expect(closing.writeCandles([bar(0)])).rejects.toMatchObject({ name: 'StoreError' });
    });
  });
});
