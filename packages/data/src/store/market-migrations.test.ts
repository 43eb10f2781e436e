import { migrate } from '@perpdesk/core/database';
import { testDatabases } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { marketMigrations, marketNamespace } from './market-tables.ts';
import { SqlTimeSeriesStore } from './sql-time-series-store.ts';

const startMs = Date.UTC(2026, 0, 5);
const btc = { instrumentId: 'BTC-PERP@hyperliquid' } as const;

/** The tables as the version before this one made them, word for word. */
const firstVersion = (dialect: 'sqlite' | 'postgres'): readonly string[] => {
  const sqlite = dialect === 'sqlite';
  const [float, instant] = sqlite ? ['real', 'integer'] : ['double precision', 'bigint'];
  const [table, keyed] = sqlite ? ['strict', 'strict, without rowid'] : ['', ''];
  const identity = sqlite ? 'integer primary key' : 'integer generated always as identity primary key';
  return [
    `create table market_series (id ${identity}, instrument_id text not null, kind text not null, unique (instrument_id, kind)) ${table}`,
    `create table market_candles (series_id integer not null, open_at_ms ${instant} not null, open ${float} not null, high ${float} not null,
      low ${float} not null, close ${float} not null, volume ${float} not null, primary key (series_id, open_at_ms)) ${keyed}`,
    `create table market_funding (series_id integer not null, settles_at_ms ${instant} not null, rate ${float} not null, interval_ms ${instant} not null,
      predicted integer not null, exchange_at_ms ${instant} not null, received_at_ms ${instant} not null, primary key (series_id, settles_at_ms)) ${keyed}`,
    `create table market_open_interest (series_id integer not null, exchange_at_ms ${instant} not null, received_at_ms ${instant} not null,
      size ${float} not null, notional_usd ${float} not null, primary key (series_id, exchange_at_ms)) ${keyed}`,
    `create table market_source_states (name text primary key, at_ms ${instant} not null, state text not null) ${table}`,
    `insert into market_series (instrument_id, kind) values ('${btc.instrumentId}', '1m'), ('${btc.instrumentId}', 'funding'), ('${btc.instrumentId}', 'open-interest')`,
    `insert into market_candles values (1, ${startMs}, 1, 2, 0.5, 1.5, 7), (1, ${startMs + 60_000}, 1.5, 2, 1, 1.75, 8)`,
    `insert into market_funding values (2, ${startMs}, 0.0000125, 3600000, 0, ${startMs}, ${startMs + 5})`,
    `insert into market_open_interest values (3, ${startMs}, ${startMs + 7}, 10, 1000000)`,
  ];
};

describe.each(await testDatabases())('the migrations of market data on $title', ({ available, make }) => {
  it.skipIf(!available)(
    'default: a database of the version before opens, keeps its rows and takes new kinds',
    async () => {
      const test = await make();
      const database = await test.open();
      const [first] = marketMigrations;
      const migrations = first === undefined ? [] : [{ ...first, up: async () => {} }];
      await migrate(database, { namespace: marketNamespace, migrations });
      for (const statement of firstVersion(database.dialect)) await sql.raw(statement).execute(database.kysely);
      const store = new SqlTimeSeriesStore({ database });
      await store.start();
      const whole = { ...btc, fromMs: 0, toMs: 8e15 };
      const candle = {
        ...btc,
        timeframe: '1m',
        openAtMs: startMs,
        open: 1,
        high: 2,
        low: 0.5,
        close: 1.5,
        volume: 7,
      } as const;
      const funding = { rate: 0.0000125, intervalMs: 3_600_000, predicted: false, settlesAtMs: startMs };
      const interest = { ...btc, size: 10, notionalUsd: 1_000_000, exchangeAtMs: startMs, receivedAtMs: startMs + 7 };
      expect((await store.read('candle', { ...whole, timeframe: '1m' }))[0]).toEqual(candle);
      expect(await store.read('funding', whole)).toEqual([
        { ...btc, ...funding, exchangeAtMs: startMs, receivedAtMs: startMs + 5 },
      ]);
      expect(await store.read('open-interest', whole)).toEqual([interest]);
      expect(await store.writeCandles([candle])).toEqual({ inserted: 0, replaced: 0, unchanged: 1 });
      const quote = { ...btc, last: 1, mark: 1, bid: 1, ask: 2, exchangeAtMs: startMs, receivedAtMs: startMs };
      expect((await store.write('quote', [quote])).inserted).toBe(1);
      expect(await store.read('quote', whole)).toEqual([quote]);
      await store.stop();
      await test.drop();
    },
  );
});
