import { type Candle, ConfigError } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { seriesStoreContract, type TestDatabase, testDatabases, timeSeriesStoreContract } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MarketSimulator } from '../simulator/market-simulator.ts';
import { SqlSourceStateStore } from './sql-source-state-store.ts';
import { SqlTimeSeriesStore } from './sql-time-series-store.ts';
import { seriesTables } from './tables/series-tables.ts';

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

describe.each(await testDatabases())('SqlTimeSeriesStore on $title', ({ available, make }) => {
  let test: TestDatabase;
  let store: SqlTimeSeriesStore;

  const open = async (): Promise<SqlTimeSeriesStore> => {
    const opened = new SqlTimeSeriesStore({ database: await test.open({ durability: 'normal' }) });
    await opened.start();
    return opened;
  };

  describe.skipIf(!available)('keeps the contracts', () => {
    let shared: Database;
    beforeAll(async () => {
      test = await make();
      shared = await test.open({ durability: 'normal' });
    });
    afterAll(() => test.drop());

    /** One schema for all cases: each begins without a row. */
    const harness = async () => {
      const opened = new SqlTimeSeriesStore({ database: shared });
      await opened.start();
      for (const { name } of [...Object.values(seriesTables), { name: 'market_series' }])
        await sql`delete from ${sql.table(name)}`.execute(shared.kysely);
      return { store: opened, close: () => opened.stop() };
    };
    for (const { name, run } of timeSeriesStoreContract) it(`bars: ${name}`, () => run(harness));
    for (const { name, run } of seriesStoreContract) it(`series: ${name}`, () => run(harness));
  });

  describe.skipIf(!available)('beside the contract', () => {
    beforeEach(async () => {
      test = await make();
      store = await open();
    });
    afterEach(async () => {
      await store.stop();
      await test.drop();
    });

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
