import type { Database } from '@perpdesk/core/database';
import { type RawBuilder, sql } from 'kysely';

/** A column of a {@link BulkTable}: 32-bit integers, 64-bit integers or float64. */
export interface BulkColumn {
  readonly name: string;
  readonly type: 'int4' | 'int8' | 'float8';
}

/** A table that is written many rows at a time. The first `keyColumns` columns are its key. */
export interface BulkTable {
  readonly name: string;
  readonly columns: readonly BulkColumn[];
  readonly keyColumns: number;
  /** SQL that must hold for a row to replace the one there; `new` is the row that comes. */
  readonly replaceWhen?: string;
}

/** Rows in one statement: large enough to be fast, small enough to hold up the event loop for some milliseconds only. */
const rowsPerStatement = 4000;

/**
 * Writes rows of numbers, replacing those of the same key; of two rows with one key the last counts. One parameter holds
 * all rows (`json_each` on SQLite, `unnest` on PostgreSQL), which is several times as fast as a value list.
 * @throws StoreError
 */
export async function bulkUpsert(
  database: Database,
  table: BulkTable,
  rows: readonly (readonly number[])[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    options.signal?.throwIfAborted();
    const part = rows.slice(from, from + rowsPerStatement);
    const source = database.dialect === 'sqlite' ? jsonRows(table, part) : arrayRows(table, lastOfEachKey(table, part));
    await sql`insert into ${sql.table(table.name)} as old (${names(table)}) ${source} ${conflict(table)}`.execute(
      database.kysely,
    );
  }
}

const names = (table: BulkTable): RawBuilder<unknown> => sql.join(table.columns.map(({ name }) => sql.ref(name)));

function jsonRows(table: BulkTable, rows: readonly (readonly number[])[]): RawBuilder<unknown> {
  const fields = table.columns.map((_, index) => sql.raw(`value ->> ${index}`));
  // Without "where true" SQLite takes "on conflict" for a join.
  return sql`select ${sql.join(fields)} from json_each(${JSON.stringify(rows)}) where true`;
}

function arrayRows(table: BulkTable, rows: readonly (readonly number[])[]): RawBuilder<unknown> {
  const arrays = table.columns.map(({ type }, index) => sql`${rows.map((row) => row[index])}::${sql.raw(type)}[]`);
  return sql`select * from unnest(${sql.join(arrays)})`;
}

/** PostgreSQL refuses to write one row twice in a statement. */
function lastOfEachKey(table: BulkTable, rows: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const last = new Map<string, readonly number[]>();
  for (const row of rows) last.set(row.slice(0, table.keyColumns).join(), row);
  return last.size === rows.length ? rows : [...last.values()];
}

function conflict(table: BulkTable): RawBuilder<unknown> {
  const key = sql.join(table.columns.slice(0, table.keyColumns).map(({ name }) => sql.ref(name)));
  const set = table.columns
    .slice(table.keyColumns)
    .map(({ name }) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`);
  const when = table.replaceWhen === undefined ? sql`` : sql`where ${sql.raw(table.replaceWhen)}`;
  return sql`on conflict (${key}) do update set ${sql.join(set)} ${when}`;
}
