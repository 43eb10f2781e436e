import type { Database } from '@perpdesk/core/database';
import { type RawBuilder, sql } from 'kysely';

/** A table by which rows go. */
export interface TrimTable {
  readonly name: string;
  readonly at: string;
}

/** Rows of a series, from inclusive, to exclusive. */
export interface TrimSpan {
  readonly id: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** How bars of a table add up to one. */
export interface RollUp {
  /** The series that the larger bars belong to. */
  readonly targetId: number;
  /** How long a larger bar lasts and how many bars make one up. */
  readonly everyMs: number;
  readonly parts: number;
  readonly incomplete: 'keep' | 'delete';
}

/** Own time of the oldest row of a span. @throws StoreError */
export async function oldestIn(database: Database, table: TrimTable, span: TrimSpan): Promise<number | undefined> {
  const at = sql.ref(table.at);
  const { rows } = await sql<{ at: number | null }>`
    select min(${at}) as at from ${sql.table(table.name)} where ${within(table, span)}`.execute(database.kysely);
  return rows[0]?.at ?? undefined;
}

/** Deletes a span. @returns how many rows went. @throws StoreError */
export async function deleteSpan(database: Database, table: TrimTable, span: TrimSpan): Promise<number> {
  return affected(
    await sql`delete from ${sql.table(table.name)} where ${within(table, span)}`.execute(database.kysely),
  );
}

/**
 * Deletes all rows of a span but the last of each stretch. The span cuts no stretch. What stays is asked for first: a join
 * of the table with itself is one that a planner may go through from end to end, for every step. @throws StoreError
 */
export async function thinSpan(database: Database, table: TrimTable, span: TrimSpan, everyMs: number): Promise<number> {
  const [name, at, every] = [sql.table(table.name), sql.ref(table.at), stretch(database, everyMs)];
  return database.transaction(async (transaction) => {
    const kysely = transaction.as<unknown>();
    const { rows } = await sql<{ last: number }>`
      select max(${at}) as last from ${name} where ${within(table, span)} group by ${at} - ${at} % ${every}`.execute(
      kysely,
    );
    if (rows.length === 0) return 0;
    const staying = sql.join(rows.map(({ last }) => last));
    return affected(
      await sql`delete from ${name} where ${within(table, span)} and ${at} not in (${staying})`.execute(kysely),
    );
  });
}

/**
 * Adds the bars of a span up to larger ones and deletes them, both or neither. A larger bar is made only of all its parts;
 * one that is there already stays. Bars whose larger one does not exist then are kept, unless told otherwise.
 * @returns larger bars made and bars deleted. @throws StoreError
 */
export async function rollUpSpan(
  database: Database,
  kind: 'candle' | 'volume',
  table: TrimTable,
  span: TrimSpan,
  { targetId, everyMs, parts, incomplete }: RollUp,
): Promise<{ readonly made: number; readonly deleted: number }> {
  const name = sql.table(table.name);
  const every = stretch(database, everyMs);
  const larger = sql`select open_at_ms - open_at_ms % ${every} as stretch, count(*) as parts,
      min(open_at_ms) as first_ms, max(open_at_ms) as last_ms, ${figures[kind]}
    from ${name} where ${within(table, span)} group by 1`;
  return database.transaction(async (transaction) => {
    const kysely = transaction.as<unknown>();
    const made = await sql`insert into ${name} (series_id, open_at_ms, ${columns[kind]})
      select ${sql.lit(targetId)}, stretch, ${picked[kind](name, span.id)} from (${larger}) as bars
      where parts = ${parts}
      on conflict (series_id, open_at_ms) do nothing`.execute(kysely);
    if (incomplete === 'delete') {
      const gone = await sql`delete from ${name} where ${within(table, span)}`.execute(kysely);
      return { made: affected(made), deleted: affected(gone) };
    }
    const { rows } = await sql<{ open_at_ms: number }>`select open_at_ms from ${name}
      where ${within(table, { ...span, id: targetId })} order by open_at_ms`.execute(kysely);
    let deleted = 0;
    for (const covered of stretches(rows, everyMs)) {
      const gone = await sql`delete from ${name} where ${within(table, { ...span, ...covered })}`.execute(kysely);
      deleted += affected(gone);
    }
    return { made: affected(made), deleted };
  });
}

/** Larger bars as spans, those that follow one another without a hole as one. */
function stretches(
  bars: readonly { readonly open_at_ms: number }[],
  everyMs: number,
): { readonly fromMs: number; readonly toMs: number }[] {
  const found: { fromMs: number; toMs: number }[] = [];
  for (const { open_at_ms: fromMs } of bars) {
    const last = found.at(-1);
    if (last?.toMs === fromMs) last.toMs += everyMs;
    else found.push({ fromMs, toMs: fromMs + everyMs });
  }
  return found;
}

const columns = {
  candle: sql`open, high, low, close, volume`,
  volume: sql`buy_volume, sell_volume, buy_trades, sell_trades`,
};

const figures = {
  candle: sql`max(high) as high, min(low) as low, sum(volume) as volume`,
  volume: sql`sum(buy_volume) as buy_volume, sum(sell_volume) as sell_volume,
    sum(buy_trades) as buy_trades, sum(sell_trades) as sell_trades`,
};

const picked = {
  candle: (name: RawBuilder<unknown>, id: number) => {
    const one = (column: string, atMs: string): RawBuilder<unknown> =>
      sql`(select ${sql.ref(column)} from ${name} where series_id = ${id} and open_at_ms = ${sql.ref(atMs)})`;
    return sql`${one('open', 'first_ms')}, high, low, ${one('close', 'last_ms')}, volume`;
  },
  volume: () => columns.volume,
};

const within = (table: TrimTable, { id, fromMs, toMs }: TrimSpan): RawBuilder<unknown> =>
  sql`${sql.ref(`${table.name}.series_id`)} = ${id} and ${sql.ref(`${table.name}.${table.at}`)} >= ${fromMs}
    and ${sql.ref(`${table.name}.${table.at}`)} < ${toMs}`;

const stretch = (database: Database, everyMs: number): RawBuilder<unknown> =>
  sql`${everyMs}${sql.raw(database.dialect === 'postgres' ? '::bigint' : '')}`;

const affected = (result: { readonly numAffectedRows?: bigint }): number => Number(result.numAffectedRows ?? 0);
