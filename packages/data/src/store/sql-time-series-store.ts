import {
  type Candle,
  type CandleColumns,
  type CandleGap,
  type FundingRate,
  type Health,
  type InstrumentId,
  type OpenInterest,
  type SeriesRange,
  type Service,
  type Timeframe,
  type TimeSeriesStore,
  timeframeMs,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { CandleBuffer } from '../candles/candle-buffer.ts';
import { type BulkTable, bulkUpsert } from './bulk-upsert.ts';
import { type MarketTables, marketMigrations, marketNamespace } from './market-tables.ts';
import { SeriesIds } from './series-ids.ts';

/** Bars read in one query, so that a long range does not hold up the event loop. */
const rowsPerRead = 20_000;

const candleTable: BulkTable = {
  name: 'market_candles',
  keyColumns: 2,
  columns: [
    { name: 'series_id', type: 'int4' },
    { name: 'open_at_ms', type: 'int8' },
    { name: 'open', type: 'float8' },
    { name: 'high', type: 'float8' },
    { name: 'low', type: 'float8' },
    { name: 'close', type: 'float8' },
    { name: 'volume', type: 'float8' },
  ],
};

const fundingTable: BulkTable = {
  name: 'market_funding',
  keyColumns: 2,
  columns: [
    { name: 'series_id', type: 'int4' },
    { name: 'settles_at_ms', type: 'int8' },
    { name: 'rate', type: 'float8' },
    { name: 'interval_ms', type: 'int8' },
    { name: 'predicted', type: 'int4' },
    { name: 'exchange_at_ms', type: 'int8' },
    { name: 'received_at_ms', type: 'int8' },
  ],
  // What settled is never overwritten by what was foretold.
  replaceWhen: 'excluded.predicted <= old.predicted',
};

const openInterestTable: BulkTable = {
  name: 'market_open_interest',
  keyColumns: 2,
  columns: [
    { name: 'series_id', type: 'int4' },
    { name: 'exchange_at_ms', type: 'int8' },
    { name: 'received_at_ms', type: 'int8' },
    { name: 'size', type: 'float8' },
    { name: 'notional_usd', type: 'float8' },
  ],
};

/** A span of funding or open interest: from inclusive, to exclusive, by settlement or exchange time. */
export interface InstantRange {
  readonly instrumentId: InstrumentId;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Options of {@link SqlTimeSeriesStore}. */
export interface SqlTimeSeriesStoreOptions {
  /** Opened with `durability: 'normal'`: market data can be fetched again. Closed by whoever opened it. */
  readonly database: Database;
}

/**
 * Market data in SQLite or PostgreSQL. Written in bulk: hand it many rows at a time.
 *
 * @example
 * const store = new SqlTimeSeriesStore({ database: await openDatabase({ url: 'sqlite:market.db', durability: 'normal' }) });
 * await store.start();
 * await store.writeCandles(candles);
 */
export class SqlTimeSeriesStore implements TimeSeriesStore, Service {
  readonly name = 'store';
  readonly #database: Database;
  readonly #series: SeriesIds;
  #started = false;

  constructor(options: SqlTimeSeriesStoreOptions) {
    this.#database = options.database;
    this.#series = new SeriesIds(options.database);
  }

  /** Brings the tables up to date. @throws ConfigError `database.newer`; StoreError */
  async start(): Promise<void> {
    await migrate(this.#database, { namespace: marketNamespace, migrations: marketMigrations });
    this.#started = true;
  }

  async stop(): Promise<void> {
    this.#started = false;
  }

  health(): Health {
    return this.#started ? { status: 'healthy', detail: this.#database.location } : { status: 'stopped' };
  }

  async writeCandles(candles: readonly Candle[], options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const rows: number[][] = [];
    for (const bar of candles) {
      const known = this.#series.remembered(bar.instrumentId, bar.timeframe);
      const id = known ?? (await this.#series.findOrCreate(bar.instrumentId, bar.timeframe));
      rows.push([id, bar.openAtMs, bar.open, bar.high, bar.low, bar.close, bar.volume]);
    }
    await bulkUpsert(this.#database, candleTable, rows, options);
  }

  async readCandles(range: SeriesRange, options: { readonly signal?: AbortSignal } = {}): Promise<CandleColumns> {
    const bars = new CandleBuffer();
    const id = await this.#series.find(range.instrumentId, range.timeframe);
    for (let { fromMs } = range; id !== undefined && fromMs < range.toMs; ) {
      options.signal?.throwIfAborted();
      const rows = await this.#candles(id)
        .where('open_at_ms', '>=', fromMs)
        .where('open_at_ms', '<', range.toMs)
        .orderBy('open_at_ms')
        .limit(rowsPerRead)
        .execute();
      for (const row of rows) bars.push(row.open_at_ms, row.open, row.high, row.low, row.close, row.volume);
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsPerRead) break;
      fromMs = last.open_at_ms + 1;
    }
    return bars.columns();
  }

  async latestCandles(
    series: {
      readonly instrumentId: InstrumentId;
      readonly timeframe: Timeframe;
      readonly asOfMs: number;
      readonly limit: number;
    },
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Candle[]> {
    options.signal?.throwIfAborted();
    const { instrumentId, timeframe, asOfMs, limit } = series;
    const id = await this.#series.find(instrumentId, timeframe);
    if (id === undefined || limit < 1) return [];
    const rows = await this.#candles(id)
      .where('open_at_ms', '<=', asOfMs - timeframeMs(timeframe))
      .orderBy('open_at_ms', 'desc')
      .limit(limit)
      .execute();
    return rows
      .reverse()
      .map(({ open_at_ms: openAtMs, ...prices }) => ({ instrumentId, timeframe, openAtMs, ...prices }));
  }

  /** The newest bar of every series, by instrument and timeframe. @throws StoreError */
  async newestCandles(): Promise<readonly Candle[]> {
    // Correlated: one seek a series. Grouping over all bars takes some fifty times as long, and without "cross" SQLite
    // may walk through all bars first.
    const { rows } = await sql<MarketTables['market_candles'] & { instrument_id: InstrumentId; kind: Timeframe }>`
      select series.instrument_id, series.kind, bar.open_at_ms, bar.open, bar.high, bar.low, bar.close, bar.volume
      from market_series as series cross join market_candles as bar
      where bar.series_id = series.id
        and bar.open_at_ms = (select max(open_at_ms) from market_candles where series_id = series.id)
    `.execute(this.#database.kysely);
    return rows
      .map(
        ({ instrument_id: instrumentId, kind: timeframe, open_at_ms: openAtMs, open, high, low, close, volume }) => ({
          instrumentId,
          timeframe,
          openAtMs,
          open,
          high,
          low,
          close,
          volume,
        }),
      )
      .sort((a, b) =>
        a.instrumentId === b.instrumentId
          ? timeframeMs(a.timeframe) - timeframeMs(b.timeframe)
          : a.instrumentId < b.instrumentId
            ? -1
            : 1,
      );
  }

  async gaps(range: SeriesRange, options: { readonly signal?: AbortSignal } = {}): Promise<readonly CandleGap[]> {
    options.signal?.throwIfAborted();
    const { instrumentId, timeframe, fromMs, toMs } = range;
    const id = await this.#series.find(instrumentId, timeframe);
    if (id === undefined) return [];
    const durationMs = timeframeMs(timeframe);
    const { rows } = await sql<{ open_at_ms: number; previous: number }>`
      select open_at_ms, previous from (
        select open_at_ms, lag(open_at_ms) over (order by open_at_ms) as previous from market_candles
        where series_id = ${id} and open_at_ms >= ${fromMs} and open_at_ms < ${toMs}
      ) as bars where open_at_ms > previous + ${durationMs} order by open_at_ms
    `.execute(this.#database.kysely);
    return rows.map(({ open_at_ms: nextMs, previous }) => ({
      instrumentId,
      timeframe,
      fromMs: previous + durationMs,
      toMs: nextMs,
      missing: Math.round((nextMs - previous) / durationMs) - 1,
    }));
  }

  /** Keeps the newest word on each settlement; what settled is not overwritten by what was foretold. */
  async writeFunding(rates: readonly FundingRate[], options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const rows: number[][] = [];
    for (const rate of rates) {
      const id = await this.#series.findOrCreate(rate.instrumentId, 'funding');
      const predicted = rate.predicted ? 1 : 0;
      rows.push([id, rate.settlesAtMs, rate.rate, rate.intervalMs, predicted, rate.exchangeAtMs, rate.receivedAtMs]);
    }
    await bulkUpsert(this.#database, fundingTable, rows, options);
  }

  /** Funding by settlement, oldest first. @throws StoreError */
  async readFunding(range: InstantRange): Promise<readonly FundingRate[]> {
    const { instrumentId, fromMs, toMs } = range;
    const id = await this.#series.find(instrumentId, 'funding');
    if (id === undefined) return [];
    const rows = await this.#database
      .as<MarketTables>()
      .selectFrom('market_funding')
      .selectAll()
      .where('series_id', '=', id)
      .where('settles_at_ms', '>=', fromMs)
      .where('settles_at_ms', '<', toMs)
      .orderBy('settles_at_ms')
      .execute();
    return rows.map((row) => ({
      instrumentId,
      rate: row.rate,
      intervalMs: row.interval_ms,
      settlesAtMs: row.settles_at_ms,
      predicted: row.predicted === 1,
      exchangeAtMs: row.exchange_at_ms,
      receivedAtMs: row.received_at_ms,
    }));
  }

  async writeOpenInterest(
    values: readonly OpenInterest[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const rows: number[][] = [];
    for (const value of values) {
      const id = await this.#series.findOrCreate(value.instrumentId, 'open-interest');
      rows.push([id, value.exchangeAtMs, value.receivedAtMs, value.size, value.notionalUsd]);
    }
    await bulkUpsert(this.#database, openInterestTable, rows, options);
  }

  /** Open interest by exchange time, oldest first. @throws StoreError */
  async readOpenInterest(range: InstantRange): Promise<readonly OpenInterest[]> {
    const { instrumentId, fromMs, toMs } = range;
    const id = await this.#series.find(instrumentId, 'open-interest');
    if (id === undefined) return [];
    const rows = await this.#database
      .as<MarketTables>()
      .selectFrom('market_open_interest')
      .selectAll()
      .where('series_id', '=', id)
      .where('exchange_at_ms', '>=', fromMs)
      .where('exchange_at_ms', '<', toMs)
      .orderBy('exchange_at_ms')
      .execute();
    return rows.map((row) => ({
      instrumentId,
      size: row.size,
      notionalUsd: row.notional_usd,
      exchangeAtMs: row.exchange_at_ms,
      receivedAtMs: row.received_at_ms,
    }));
  }

  #candles(seriesId: number) {
    return this.#database
      .as<MarketTables>()
      .selectFrom('market_candles')
      .select(['open_at_ms', 'open', 'high', 'low', 'close', 'volume'])
      .where('series_id', '=', seriesId);
  }
}
