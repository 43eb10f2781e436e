import {
  type Candle,
  type CandleColumns,
  type CandleGap,
  type Health,
  type SeriesIdentity,
  type SeriesKind,
  type SeriesRange,
  type SeriesRows,
  type SeriesSample,
  type SeriesSilence,
  type SeriesSpan,
  type SeriesStore,
  type Service,
  type Timeframe,
  type TimeSeriesStore,
  timeframeMs,
  timeframes,
  ValidationError,
  type WriteOutcome,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { type BulkRow, bulkUpsert, rowsPerStatement, turn } from './bulk-upsert.ts';
import { joinPages, largerBars } from './candle-pages.ts';
import { openMarketTables } from './market-tables.ts';
import { DatabaseScanner } from './scan/database-scanner.ts';
import { cellAt, numbersOf, type ScanPage } from './scan/scanner.ts';
import { WorkerScanner } from './scan/worker-scanner.ts';
import { SeriesIds } from './series-ids.ts';
import { type NumberedSpan, SeriesReader } from './series-reader.ts';
import { samplesIn } from './series-samples.ts';
import { withSnapshot } from './series-snapshot.ts';
import type { SnapshotPages, SnapshotStore } from './snapshot-store.ts';
import { TableStatistics } from './table-statistics.ts';
import type { SeriesName, SeriesTable } from './tables/series-table.ts';
import { seriesTables } from './tables/series-tables.ts';

interface Abortable {
  readonly signal?: AbortSignal;
}

/** On the thread of the event loop: about 5 ms of work. */
const near = { pageRows: 10_000, sliceRows: 10_000 };
/** On another thread or on a server. */
const far = { pageRows: 20_000, sliceRows: 100_000 };
/** In memory, where there is no other: a few ms between two turns of the loop. */
const inMemory = { pageRows: 4000, sliceRows: 4000 };

/** Options of {@link SqlTimeSeriesStore}. */
export interface SqlTimeSeriesStoreOptions {
  /** Opened with `durability: 'normal'`: market data can be fetched again. Closed by whoever opened it. */
  readonly database: Database;
}

/**
 * Market data of all kinds in SQLite or PostgreSQL. Written in bulk: hand it many rows at a time. Long reads of a SQLite file
 * run in a thread of their own, those of PostgreSQL on the server; a database in memory is read in small parts.
 *
 * @example
 * const store = new SqlTimeSeriesStore({ database: await openDatabase({ url: 'sqlite:market.db', durability: 'normal' }) });
 * await store.start();
 * await store.writeCandles(candles);
 * await store.write('quote', tickers);
 */
export class SqlTimeSeriesStore implements TimeSeriesStore, SeriesStore, SnapshotStore, Service {
  readonly name = 'store';
  readonly #database: Database;
  readonly #series: SeriesIds;
  readonly #reader: SeriesReader;
  readonly #statistics: TableStatistics;
  #started = false;

  constructor(options: SqlTimeSeriesStoreOptions) {
    const { database } = options;
    this.#database = database;
    this.#series = new SeriesIds(database);
    this.#statistics = new TableStatistics(database);
    const onFile = database.dialect === 'sqlite' && database.location !== ':memory:';
    const here = onFile || database.dialect === 'postgres' ? near : inMemory;
    const there = database.dialect === 'postgres' ? far : inMemory;
    this.#reader = new SeriesReader({
      database,
      near: new DatabaseScanner({ kysely: database.kysely, ...here }),
      far: onFile
        ? new WorkerScanner({ path: database.location, ...far })
        : new DatabaseScanner({ kysely: database.kysely, ...there }),
    });
  }

  /** Brings the tables up to date. @throws ConfigError `database.newer`; StoreError */
  async start(): Promise<void> {
    await openMarketTables(this.#database);
    this.#started = true;
  }

  async stop(): Promise<void> {
    this.#started = false;
    await this.#reader.close();
  }

  health(): Health {
    return this.#started ? { status: 'healthy', detail: this.#database.location } : { status: 'stopped' };
  }

  writeCandles(candles: readonly Candle[], options: Abortable = {}): Promise<WriteOutcome> {
    return this.write('candle', candles, options);
  }

  async readCandles(range: SeriesRange, options: Abortable = {}): Promise<CandleColumns> {
    const span = await this.#find('candle', range, range);
    options.signal?.throwIfAborted();
    const pages: ScanPage[] = [];
    if (span !== undefined)
      for await (const page of this.#reader.pages(seriesTables.candle, span, options)) pages.push(page);
    return joinPages(pages);
  }

  async latestCandles(
    series: SeriesIdentity<'candle'> & { readonly asOfMs: number; readonly limit: number },
    options: Abortable = {},
  ): Promise<readonly Candle[]> {
    options.signal?.throwIfAborted();
    const span = await this.#find('candle', series, { ...wholly, asOfMs: series.asOfMs });
    if (span === undefined || !(series.limit >= 1)) return [];
    const page = await this.#reader.newest(seriesTables.candle, span, Math.floor(series.limit), options);
    return rowsOf(seriesTables.candle, seriesTables.candle.identityOf(series), page).reverse();
  }

  async newestCandles(
    query: { readonly asOfMs: number; readonly timeframe?: Timeframe },
    options: Abortable = {},
  ): Promise<readonly Candle[]> {
    return this.#newest('candle', query.asOfMs, query.timeframe, options);
  }

  async downsampleCandles(
    range: SeriesRange & { readonly to: Timeframe },
    options: Abortable = {},
  ): Promise<CandleColumns> {
    const [fromMs, toMs] = [timeframeMs(range.timeframe), timeframeMs(range.to)];
    if (toMs % fromMs !== 0)
      throw new ValidationError('store.timeframe', `Bars of ${range.timeframe} do not add up to bars of ${range.to}.`);
    options.signal?.throwIfAborted();
    const span = await this.#find('candle', range, range);
    return span === undefined ? joinPages([]) : largerBars(this.#reader, span, toMs, toMs / fromMs, options);
  }

  async gaps(range: SeriesRange, options: Abortable = {}): Promise<readonly CandleGap[]> {
    const { instrumentId, timeframe } = range;
    const durationMs = timeframeMs(timeframe);
    const found = await this.silences('candle', { ...range, longerThanMs: durationMs }, options);
    return found.map(({ fromMs, toMs }) => ({
      instrumentId,
      timeframe,
      fromMs: fromMs + durationMs,
      toMs,
      missing: Math.round((toMs - fromMs) / durationMs) - 1,
    }));
  }

  async write<Kind extends SeriesKind>(
    kind: Kind,
    rows: readonly SeriesRows[Kind][],
    options: Abortable = {},
  ): Promise<WriteOutcome> {
    const table: SeriesTable<SeriesRows[Kind]> = seriesTables[kind];
    let [inserted, replaced, unchanged] = [0, 0, 0];
    for (let from = 0; from < rows.length; from += rowsPerStatement) {
      options.signal?.throwIfAborted();
      if (from > 0) await turn();
      const part: BulkRow[] = [];
      for (const row of rows.slice(from, from + rowsPerStatement)) {
        // What can not be kept is found out before a series is made for it.
        const cells = table.toCells(row);
        const { subject, timeframe } = table.identityOf(row);
        const seriesKind = table.seriesKind(timeframe);
        const known = this.#series.remembered(subject, seriesKind);
        part.push([known ?? (await this.#series.findOrCreate(subject, seriesKind)), ...cells]);
      }
      const outcome = await bulkUpsert(this.#database, table, part);
      inserted += outcome.inserted;
      replaced += outcome.replaced;
      unchanged += outcome.unchanged;
    }
    await this.#statistics.added(table.name, inserted);
    return { inserted, replaced, unchanged };
  }

  async read<Kind extends SeriesKind>(
    kind: Kind,
    span: SeriesSpan<Kind> & {
      readonly asOfMs?: number;
      readonly limit?: number;
      readonly after?: SeriesRows[Kind];
    },
    options: Abortable = {},
  ): Promise<readonly SeriesRows[Kind][]> {
    options.signal?.throwIfAborted();
    const table: SeriesTable<SeriesRows[Kind]> = seriesTables[kind];
    const { after, limit } = span;
    const numbered = await this.#find(kind, span, span);
    const rows: SeriesRows[Kind][] = [];
    if (numbered === undefined) return rows;
    const beginning = after === undefined ? undefined : table.toCells(after).slice(0, table.keys.length);
    for await (const page of this.#reader.pages(table, numbered, { ...options, limit, after: beginning })) {
      for (const row of rowsOf(table, table.identityOf(span), page)) rows.push(row);
    }
    return rows;
  }

  async latest<Kind extends SeriesKind>(
    kind: Kind,
    query: { readonly asOfMs: number },
    options: Abortable = {},
  ): Promise<readonly SeriesRows[Kind][]> {
    return this.#newest(kind, query.asOfMs, undefined, options);
  }

  async asOf<Kind extends SeriesKind>(
    kind: Kind,
    query: SeriesIdentity<Kind> & { readonly asOfMs: number },
    options: Abortable = {},
  ): Promise<SeriesRows[Kind] | undefined> {
    options.signal?.throwIfAborted();
    const table: SeriesTable<SeriesRows[Kind]> = seriesTables[kind];
    const span = await this.#find(kind, query, { ...wholly, asOfMs: query.asOfMs });
    if (span === undefined) return undefined;
    return rowsOf(table, table.identityOf(query), await this.#reader.newest(table, span, 1, options))[0];
  }

  async downsample<Kind extends SeriesKind>(
    kind: Kind,
    span: SeriesSpan<Kind> & { readonly everyMs: number },
    options: Abortable = {},
  ): Promise<readonly SeriesSample<Kind>[]> {
    const { everyMs } = span;
    if (!(Number.isSafeInteger(everyMs) && everyMs > 0))
      throw new ValidationError('store.stretch', `A stretch lasts a whole number of ms above 0, not ${everyMs}.`);
    options.signal?.throwIfAborted();
    const table: SeriesTable<SeriesRows[Kind]> = seriesTables[kind];
    const numbered = await this.#find(kind, span, span);
    if (numbered === undefined) return [];
    return samplesIn<Kind>(this.#reader, table, table.identityOf(span), numbered, everyMs, options);
  }

  async silences<Kind extends SeriesKind>(
    kind: Kind,
    span: SeriesSpan<Kind> & { readonly longerThanMs: number },
    options: Abortable = {},
  ): Promise<readonly SeriesSilence[]> {
    options.signal?.throwIfAborted();
    const numbered = await this.#find(kind, span, span);
    if (numbered === undefined) return [];
    return this.#reader.silences(seriesTables[kind], numbered, span.longerThanMs, options);
  }

  snapshot<Result>(act: (pages: SnapshotPages) => Promise<Result>): Promise<Result> {
    return withSnapshot(this.#database, (reader) =>
      act((kind, span, options) => this.#pagesOf(reader, kind, span, options)),
    );
  }

  async *#pagesOf<Kind extends SeriesKind>(
    reader: SeriesReader,
    kind: Kind,
    span: SeriesSpan<Kind>,
    options?: Abortable,
  ): AsyncGenerator<ScanPage> {
    const numbered = await this.#find(kind, span, span);
    if (numbered !== undefined) yield* reader.pages(seriesTables[kind], numbered, options);
  }

  async #newest<Kind extends SeriesKind>(
    kind: Kind,
    asOfMs: number,
    timeframe: Timeframe | undefined,
    options: Abortable,
  ): Promise<SeriesRows[Kind][]> {
    options.signal?.throwIfAborted();
    const table: SeriesTable<SeriesRows[Kind]> = seriesTables[kind];
    const kinds = (table.bars ? (timeframe === undefined ? timeframes : [timeframe]) : [undefined]).map((one) => ({
      kind: table.seriesKind(one),
      timeframe: one,
    }));
    const page = await this.#reader.newestOfAll(table, kinds, Math.floor(instant(asOfMs)), options);
    const ids = page.length === 0 ? [] : [...numbersOf(page, 0)];
    const series = await this.#series.listed(
      kinds.map((one) => one.kind),
      ids,
    );
    const timeframeOf = new Map(kinds.map((one) => [one.kind, one.timeframe]));
    // Of several rows of one instant the last by key stands.
    const places = new Map(ids.map((id, place) => [id, place]));
    return series.flatMap(({ id, subject, kind: name }) => {
      const row = places.get(id);
      if (row === undefined) return [];
      return [table.fromCells({ subject, timeframe: timeframeOf.get(name) }, (place) => cellAt(page, place + 1, row))];
    });
  }

  async #find<Kind extends SeriesKind>(
    kind: Kind,
    series: SeriesIdentity<Kind>,
    span: { readonly fromMs: number; readonly toMs: number; readonly asOfMs?: number | undefined },
  ): Promise<NumberedSpan | undefined> {
    const table: SeriesTable<SeriesRows[Kind]> = seriesTables[kind];
    const { subject, timeframe } = table.identityOf(series);
    const id = await this.#series.find(subject, table.seriesKind(timeframe));
    const [fromMs, toMs] = [Math.ceil(instant(span.fromMs)), Math.ceil(instant(span.toMs))];
    const asOfMs = span.asOfMs === undefined ? undefined : Math.floor(instant(span.asOfMs));
    return id === undefined ? undefined : { id, timeframe, fromMs, toMs, asOfMs };
  }
}

/** The end of JavaScript's dates, ms: the first is as far before the epoch. */
const lastMs = 8.64e15;
const wholly = { fromMs: -lastMs, toMs: lastMs };

/** An instant as databases take it: for ever is the end of dates. */
function instant(atMs: number): number {
  if (Number.isNaN(atMs)) throw new ValidationError('store.instant', 'An instant is a number of ms, not NaN.');
  return Math.max(-lastMs, Math.min(lastMs, atMs));
}

const rowsOf = <Row>(table: SeriesTable<Row>, identity: SeriesName, page: ScanPage): Row[] =>
  Array.from({ length: page.length }, (_, i) => table.fromCells(identity, (place) => cellAt(page, place, i)));
