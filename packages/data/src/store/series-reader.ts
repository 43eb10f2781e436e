import { type Timeframe, timeframeMs } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { type RawBuilder, sql } from 'kysely';
import { turn } from './bulk-upsert.ts';
import { cellAt, type Scanner, type ScanPage } from './scan/scanner.ts';
import type { Cell, ColumnType } from './tables/column.ts';

/** What a reader needs to know of a table. */
export interface ReadTable {
  readonly name: string;
  readonly at: string;
  readonly keys: readonly string[];
  readonly cells: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly receipt?: { readonly column: string; readonly aheadMs: number };
}

/** A span of one numbered series. */
export interface NumberedSpan {
  readonly id: number;
  readonly timeframe: Timeframe | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly asOfMs?: number | undefined;
}

/** A figure of all rows of a stretch. */
export interface Aggregate {
  readonly of: 'sum' | 'count' | 'max' | 'min';
  readonly column: string;
}

/** A cell of the first or the last row of a stretch. */
export interface Pick {
  readonly of: 'first' | 'last';
  readonly column: { readonly name: string; readonly type: ColumnType };
}

interface Abortable {
  readonly signal?: AbortSignal;
}

/** The queries that all kinds share. What is short runs on the database itself, what is long where `far` runs it. */
export class SeriesReader {
  readonly #database: Database;
  readonly #near: Scanner;
  readonly #far: Scanner;

  constructor(options: { readonly database: Database; readonly near: Scanner; readonly far: Scanner }) {
    this.#database = options.database;
    this.#near = options.near;
    this.#far = options.far;
  }

  /** A span in pages, oldest first: the first one near, the rest, if there is more, far. The loop turns in between. */
  async *pages(
    table: ReadTable,
    span: NumberedSpan,
    options: Abortable & { readonly after?: readonly Cell[] | undefined; readonly limit?: number | undefined } = {},
  ): AsyncGenerator<ScanPage> {
    const columns = table.cells;
    let { after, limit = Number.POSITIVE_INFINITY } = options;
    for (let scanner = this.#near; limit > 0; scanner = this.#far) {
      // One row more than a page tells that a span has ended without another query.
      const rows = Math.min(limit, scanner.pageRows + 1);
      // The own time of the last row is the lower bound that an index starts from; comparing keys only parts rows of one instant.
      const rest = after === undefined ? span : { ...span, fromMs: Math.max(span.fromMs, Number(after[0])) };
      const behind = after === undefined ? sql`true` : sql`(${keysOf(table)}) > (${sql.join(after)})`;
      const page = await this.#scan(
        scanner,
        sql`select ${sql.join(columns.map(({ name }) => sql.ref(name)))} from ${sql.table(table.name)}
          where ${within(table, rest)} and ${behind} order by ${keysOf(table)} limit ${rows}`,
        columns,
        options,
      );
      // Before it is given away: whoever takes a page may move its numbers to another thread.
      after = table.keys.map((_, place) => cellAt(page, place, page.length - 1));
      if (page.length > 0) yield page;
      if (page.length < rows) return;
      limit -= page.length;
      await turn();
    }
  }

  /** The newest rows of a series, newest first. */
  newest(table: ReadTable, span: NumberedSpan, limit: number, options: Abortable = {}): Promise<ScanPage> {
    const order = sql.join(table.keys.map((name) => sql`${sql.ref(name)} desc`));
    return this.#scan(
      this.#near,
      sql`select ${sql.join(table.cells.map(({ name }) => sql.ref(name)))} from ${sql.table(table.name)}
        where ${within(table, span)} order by ${order} limit ${limit}`,
      table.cells,
      options,
    );
  }

  /**
   * The newest rows of all series whose kind is given, with the number of the series first. Correlated: one seek a series;
   * grouping over all rows takes some fifty times as long. "cross" keeps SQLite from walking through all rows first.
   */
  newestOfAll(
    table: ReadTable,
    kinds: readonly { readonly kind: string; readonly timeframe: Timeframe | undefined }[],
    asOfMs: number,
    options: Abortable = {},
  ): Promise<ScanPage> {
    const columns = [{ name: 'series_id', type: 'int8' as const }, ...table.cells];
    const selected = sql.join(columns.map(({ name }) => sql.ref(`bar.${name}`)));
    const parts = kinds.map(({ kind, timeframe }) => {
      const known = (alias: string): RawBuilder<unknown> => knownAt(table, timeframe, asOfMs, alias);
      return sql`select ${selected} from market_series as series cross join ${sql.table(table.name)} as bar
        where series.kind = ${kind} and bar.series_id = series.id and ${known('bar')} and ${sql.ref(`bar.${table.at}`)} =
          (select ${sql.ref(`newest.${table.at}`)} from ${sql.table(table.name)} as newest
           where newest.series_id = series.id and ${known('newest')} order by ${sql.ref(`newest.${table.at}`)} desc limit 1)`;
    });
    const order = sql.join(['series_id', ...table.keys].map((name) => sql.ref(name)));
    // Only where several rows may be of one instant does their order say which is the newest.
    const sorted = table.keys.length > 1 ? sql` order by ${order}` : sql``;
    return this.#scan(this.#near, sql`${sql.join(parts, sql` union all `)}${sorted}`, columns, options);
  }

  /**
   * Stretches of whole multiples of `everyMs` that lie in a span, oldest first: start, rows, first and last own time, then
   * what is asked for of all their rows, then of their last or first row.
   */
  async *stretches(
    table: ReadTable,
    span: NumberedSpan,
    everyMs: number,
    wanted: { readonly ofAll: readonly Aggregate[]; readonly ofOne: readonly Pick[] },
    options: Abortable = {},
  ): AsyncGenerator<ScanPage> {
    const at = sql.ref(table.at);
    const postgres = this.#database.dialect === 'postgres';
    const aligned = {
      ...span,
      fromMs: Math.ceil(span.fromMs / everyMs) * everyMs,
      toMs: Math.floor(span.toMs / everyMs) * everyMs,
    };
    // In the order of time, so that PostgreSQL's workers do not sum in an order of their own.
    const inTime = sql.raw(postgres ? ` order by ${table.keys.map((name) => `"${name}"`).join()}` : '');
    const aggregates = wanted.ofAll.map(
      ({ of, column }, i) =>
        sql`${sql.raw(of)}(${sql.ref(column)}${of === 'sum' ? inTime : sql``}) as ${sql.ref(`all_${i}`)}`,
    );
    const picks = wanted.ofOne.map(({ of, column }, i) => {
      const order = sql.join(
        table.keys.map((name) => sql`${sql.ref(name)} ${sql.raw(of === 'last' ? 'desc' : 'asc')}`),
      );
      return sql`(select ${sql.ref(column.name)} from ${sql.table(table.name)}
        where series_id = ${span.id} and ${at} = ${sql.ref(`${of}_ms`)} order by ${order} limit 1) as ${sql.ref(`one_${i}`)}`;
    });
    const every = sql`${everyMs}${sql.raw(postgres ? '::bigint' : '')}`;
    const columns = [
      ...['stretch', 'rows_in', 'first_ms', 'last_ms', ...wanted.ofAll.map((_, i) => `all_${i}`)].map((name) => ({
        name,
        type: 'float8' as const,
      })),
      ...wanted.ofOne.map(({ column }, i) => ({ name: `one_${i}`, type: column.type })),
    ];
    for await (const slice of this.#slices(table, aligned, everyMs, options)) {
      const query = sql`select ${sql.join([sql`stretches.*`, ...picks])} from (
          select ${sql.join([
            sql`${at} - ${at} % ${every} as stretch, count(*) as rows_in, min(${at}) as first_ms, max(${at}) as last_ms`,
            ...aggregates,
          ])} from ${sql.table(table.name)} where ${within(table, slice)} group by 1
        ) as stretches order by stretch`;
      yield await this.#scan(this.#far, query, columns, options);
      await turn();
    }
  }

  /** Where two rows that follow one another lie more than `longerThanMs` apart: pairs of own times. */
  async silences(
    table: ReadTable,
    span: NumberedSpan,
    longerThanMs: number,
    options: Abortable = {},
  ): Promise<readonly { readonly fromMs: number; readonly toMs: number }[]> {
    const at = sql.ref(table.at);
    const found: { fromMs: number; toMs: number }[] = [];
    let lastMs = Number.NaN;
    for await (const slice of this.#slices(table, span, 1, options)) {
      // The first and the last row of a slice come too, so that a silence across two slices is seen.
      const query = sql`select at, previous from (
          select ${at} as at, lag(${at}) over (order by ${at}) as previous, lead(${at}) over (order by ${at}) as next
          from ${sql.table(table.name)} where ${within(table, slice)}
        ) as times where previous is null or next is null or at - previous > ${longerThanMs} order by at`;
      const page = await this.#scan(
        this.#far,
        query,
        [
          { name: 'at', type: 'int8' },
          { name: 'previous', type: 'int8' },
        ],
        options,
      );
      for (let i = 0; i < page.length; i += 1) {
        const atMs = Number(cellAt(page, 0, i));
        const previousMs = Number(cellAt(page, 1, i) ?? lastMs);
        if (atMs - previousMs > longerThanMs) found.push({ fromMs: previousMs, toMs: atMs });
        lastMs = atMs;
      }
      await turn();
    }
    return found;
  }

  /** Ends what runs far. */
  close(): Promise<void> {
    return this.#far.close();
  }

  /** A span in parts of some thousand rows, none cutting a stretch of `everyMs`. */
  async *#slices(
    table: ReadTable,
    span: NumberedSpan,
    everyMs: number,
    options: Abortable,
  ): AsyncGenerator<NumberedSpan> {
    const at = sql.ref(table.at);
    const columns = [{ name: table.at, type: 'int8' as const }];
    const startOf = (atMs: number): number => Math.floor(atMs / everyMs) * everyMs;
    for (let { fromMs } = span; fromMs < span.toMs; ) {
      const query = sql`select ${at} from ${sql.table(table.name)} where ${within(table, { ...span, fromMs })}
        order by ${at} limit 1 offset ${this.#far.sliceRows}`;
      const beyond = await this.#scan(this.#far, query, columns, options);
      const beyondMs = beyond.length === 0 ? span.toMs : startOf(Number(cellAt(beyond, 0, 0)));
      const toMs = Math.min(span.toMs, Math.max(beyondMs, startOf(fromMs) + everyMs));
      yield { ...span, fromMs, toMs };
      fromMs = toMs;
    }
  }

  #scan(
    scanner: Scanner,
    query: RawBuilder<unknown>,
    columns: ReadTable['cells'],
    options: Abortable,
  ): Promise<ScanPage> {
    const { sql: text, parameters } = query.compile(this.#database.kysely);
    return scanner.scan({ sql: text, parameters, columns: columns.map(({ name, type }) => ({ name, type })) }, options);
  }
}

const keysOf = (table: ReadTable): RawBuilder<unknown> => sql.join(table.keys.map((name) => sql.ref(name)));

/** What holds for the rows of a span. */
function within(table: ReadTable, span: NumberedSpan): RawBuilder<unknown> {
  const at = sql.ref(table.at);
  const known = span.asOfMs === undefined ? sql`true` : knownAt(table, span.timeframe, span.asOfMs);
  return sql`series_id = ${span.id} and ${at} >= ${span.fromMs} and ${at} < ${span.toMs} and ${known}`;
}

/** What holds for the rows that were known at an instant: bars closed by then, other rows received by then. */
function knownAt(
  table: ReadTable,
  timeframe: Timeframe | undefined,
  asOfMs: number,
  alias?: string,
): RawBuilder<unknown> {
  const column = (name: string): RawBuilder<unknown> => sql.ref(alias === undefined ? name : `${alias}.${name}`);
  if (timeframe !== undefined) return sql`${column(table.at)} <= ${asOfMs - timeframeMs(timeframe)}`;
  const ahead = sql`${column(table.at)} <= ${asOfMs + (table.receipt?.aheadMs ?? 0)}`;
  return table.receipt === undefined ? ahead : sql`${ahead} and ${column(table.receipt.column)} <= ${asOfMs}`;
}
