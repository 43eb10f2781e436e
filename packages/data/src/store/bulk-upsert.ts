import { setImmediate } from 'node:timers/promises';
import type { WriteOutcome } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { CompiledQuery, type Kysely } from 'kysely';
import type { Cell } from './tables/column.ts';

/** A table that is written many rows at a time. The columns of a row: its series, then `cells`. */
export interface BulkTable {
  readonly name: string;
  readonly cells: readonly { readonly name: string; readonly type: string }[];
  /** The first cells that are, beside the series, the key. */
  readonly keys: readonly string[];
  readonly receipt?: { readonly column: string };
  readonly hearing?: readonly string[];
  readonly neverRises?: string;
}

/** A series number and the cells of a row. */
export type BulkRow = readonly [series: number, ...cells: Cell[]];

/** Rows in one statement: large enough to be fast, small enough to hold up the event loop for a few milliseconds only. */
export const rowsPerStatement = 2000;

/**
 * Writes rows, each key once, and counts; all of them or none. New rows go in first; only when some were there already are
 * those compared, so that plain appending costs one pass. On PostgreSQL one parameter a column holds all rows (`unnest`), on
 * SQLite every number is one of a long list of values: three times as fast as `json_each` (measured with SQLite 3.53).
 * Give at most {@link rowsPerStatement}.
 * @throws StoreError
 */
export async function bulkUpsert(
  database: Database,
  table: BulkTable,
  given: readonly BulkRow[],
): Promise<WriteOutcome> {
  const rows = inKeyOrder(table, given);
  if (rows.length === 0) return { inserted: 0, replaced: 0, unchanged: 0 };
  const write = database.dialect === 'sqlite' ? writeValues : writeArrays;
  return database.transaction(async (transaction) => {
    const kysely = transaction.as<unknown>();
    const inserted = await write(kysely, table, rows, 'do nothing');
    const replaced = inserted === rows.length ? 0 : await write(kysely, table, rows, replacement(table));
    return { inserted, replaced, unchanged: given.length - inserted - replaced };
  });
}

/** Lets the event loop turn: on SQLite a statement resolves without, and a loop of them would hold it up to its end. */
export const turn = (): Promise<void> => setImmediate();

/** Rows of a statement on SQLite: few different ones, for each is prepared once and kept. */
const sizes = [500, 50, 5, 1] as const;

async function writeValues(
  kysely: Kysely<unknown>,
  table: BulkTable,
  rows: readonly BulkRow[],
  onConflict: string,
): Promise<number> {
  let written = 0;
  const row = `(${['?', ...table.cells.map(() => '?')].join()})`;
  for (let from = 0; from < rows.length; ) {
    const size = sizes.find((one) => one <= rows.length - from) ?? 1;
    const values = new Array<string>(size).fill(row).join();
    const parameters = rows.slice(from, from + size).flat();
    const query = CompiledQuery.raw(`${insert(table)} values ${values} ${conflict(table, onConflict)}`, parameters);
    written += affected(await kysely.executeQuery(query));
    from += size;
  }
  return written;
}

async function writeArrays(
  kysely: Kysely<unknown>,
  table: BulkTable,
  rows: readonly BulkRow[],
  onConflict: string,
): Promise<number> {
  const types = ['int4', ...table.cells.map(({ type }) => type)];
  const arrays = types.map((type, place) => `$${place + 1}::${type}[]`).join();
  const parameters = types.map((_, place) => rows.map((row) => row[place]));
  const text = `${insert(table)} select * from unnest(${arrays}) ${conflict(table, onConflict)}`;
  return affected(await kysely.executeQuery(CompiledQuery.raw(text, parameters)));
}

const affected = (result: { readonly numAffectedRows?: bigint }): number => Number(result.numAffectedRows ?? 0);

const insert = (table: BulkTable): string =>
  `insert into "${table.name}" as old (series_id, ${table.cells.map(({ name }) => `"${name}"`).join()})`;

const conflict = (table: BulkTable, action: string): string =>
  `on conflict (series_id, ${table.keys.map((name) => `"${name}"`).join()}) ${action}`;

function replacement(table: BulkTable): string {
  const set = table.cells
    .filter(({ name }) => !table.keys.includes(name))
    .map(({ name }) => `"${name}" = excluded."${name}"`)
    .join();
  return `do update set ${set} where ${differs(table)}`;
}

/** What a row says beside its key and beside when it was heard. */
const said = (table: BulkTable): readonly string[] =>
  table.cells.map(({ name }) => name).filter((name) => !table.keys.includes(name) && !table.hearing?.includes(name));

function differs(table: BulkTable): string {
  const changes = said(table).map((name) => `old."${name}" is distinct from excluded."${name}"`);
  const receipt = table.receipt?.column;
  if (receipt !== undefined) changes.push(`excluded."${receipt}" < old."${receipt}"`);
  const replaces = changes.length === 0 ? 'false' : `(${changes.join(' or ')})`;
  return table.neverRises === undefined
    ? replaces
    : `${replaces} and excluded."${table.neverRises}" <= old."${table.neverRises}"`;
}

/**
 * Each key once, ascending: PostgreSQL refuses to write one row twice in a statement, and two writers that take keys in one
 * order never wait for each other crosswise. Of two rows with one key the same one stands as if they came in two statements.
 */
function inKeyOrder(table: BulkTable, rows: readonly BulkRow[]): readonly BulkRow[] {
  const width = table.keys.length + 1;
  if (rows.every((row, i) => i === 0 || compare(rows[i - 1] ?? row, row, width) < 0)) return rows;
  const standing = new Map<string, BulkRow>();
  for (const row of rows) {
    const key = row.slice(0, width).join('\u0000');
    const old = standing.get(key);
    standing.set(key, old === undefined || replaces(table, old, row) ? row : old);
  }
  return [...standing.values()].sort((a, b) => compare(a, b, width));
}

/** The same rule as {@link differs}, of two rows of one call. */
function replaces(table: BulkTable, old: BulkRow, row: BulkRow): boolean {
  const place = (column: string): number => 1 + table.cells.findIndex(({ name }) => name === column);
  const number = (of: BulkRow, column: string): number => Number(of[place(column)]);
  if (table.neverRises !== undefined && number(row, table.neverRises) > number(old, table.neverRises)) return false;
  const receipt = table.receipt?.column;
  if (receipt !== undefined && number(row, receipt) < number(old, receipt)) return true;
  return said(table).some((name) => old[place(name)] !== row[place(name)]);
}

function compare(a: BulkRow, b: BulkRow, width: number): number {
  for (let place = 0; place < width; place += 1) {
    const [x, y] = [a[place] ?? 0, b[place] ?? 0];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
