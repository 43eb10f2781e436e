import { type Kysely, sql } from 'kysely';
import type { Database, SqlTransaction } from '../database.ts';
import type { NewEventRow } from './event-row.ts';
import type { OutboxTables } from './outbox-tables.ts';

/** Writes events; a row whose id is there already is left out of the answer. */
export interface EventWriter {
  /** Writes in a commit of its own, of the durability asked for. The positions of what was new, by id. */
  append(rows: readonly NewEventRow[], durability: 'full' | 'normal'): Promise<ReadonlyMap<string, number>>;
  /**
   * Writes in the caller's transaction. `position` is undefined where only the commit gives one (see {@link place});
   * the answer is undefined for a known id.
   */
  appendIn(
    transaction: SqlTransaction,
    row: NewEventRow,
  ): Promise<{ readonly position: number | undefined } | undefined>;
  /** Gives committed rows that have no position theirs, in the order of writing. */
  place(): Promise<void>;
}

export const eventWriter = (database: Database): EventWriter =>
  database.dialect === 'sqlite' ? new SqliteEventWriter(database) : new PostgresEventWriter(database);

/** SQLite has one writer at a time: positions appear in the order they are given. */
class SqliteEventWriter implements EventWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async append(rows: readonly NewEventRow[], durability: 'full' | 'normal'): Promise<ReadonlyMap<string, number>> {
    if (durability === 'full') return this.#insert(this.#database.as(), rows);
    return this.#database.transaction((transaction) => this.#insert(transaction.as<OutboxTables>(), rows), {
      durability,
    });
  }

  async appendIn(transaction: SqlTransaction, row: NewEventRow): Promise<{ readonly position: number } | undefined> {
    return transaction
      .as<OutboxTables>()
      .insertInto('perpdesk_events')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('position')
      .executeTakeFirst();
  }

  async place(): Promise<void> {}

  /** One statement is a commit of its own where it is not in a transaction. */
  async #insert(kysely: Kysely<OutboxTables>, rows: readonly NewEventRow[]): Promise<ReadonlyMap<string, number>> {
    const inserted = await kysely
      .insertInto('perpdesk_events')
      .values(rows)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning(['id', 'position'])
      .execute();
    return new Map(inserted.map(({ id, position }) => [id, position]));
  }
}

/** The lock under which positions are given; with the schema's hash beside it. "pdev" in ASCII. */
const positionLock = 0x70646576;
const nextPosition = sql<number>`nextval('perpdesk_event_positions')`;

/**
 * On PostgreSQL numbers given while writing become visible in the order of the commits, so a reader that remembers the last
 * one would lose events. Here a row gets its position only once it is committed, under one lock that is held until the
 * position is committed too: positions appear in their order. What a caller's transaction writes waits without one.
 */
class PostgresEventWriter implements EventWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  append(rows: readonly NewEventRow[], durability: 'full' | 'normal'): Promise<ReadonlyMap<string, number>> {
    return this.#database.transaction(
      async (transaction) => {
        await placeIn(transaction);
        const inserted = await transaction
          .as<OutboxTables>()
          .insertInto('perpdesk_events')
          .values(rows.map((row) => ({ ...row, position: nextPosition })))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning(['id', 'position'])
          .execute();
        return new Map(inserted.map(({ id, position }) => [id, position]));
      },
      { durability },
    );
  }

  async appendIn(transaction: SqlTransaction, row: NewEventRow): Promise<{ readonly position: undefined } | undefined> {
    const inserted = await transaction
      .as<OutboxTables>()
      .insertInto('perpdesk_events')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    return inserted === undefined ? undefined : { position: undefined };
  }

  async place(): Promise<void> {
    await this.#database.transaction(placeIn);
  }
}

/** The statement after the lock has a snapshot of its own, which sees all that was committed before. */
async function placeIn(transaction: SqlTransaction): Promise<void> {
  const kysely = transaction.as<OutboxTables>();
  await sql`select pg_advisory_xact_lock(${positionLock}::int, hashtext(current_schema()))`.execute(kysely);
  await sql`
    with waiting as materialized (select ticket from perpdesk_events where position is null order by ticket),
         placed as materialized (select ticket, nextval('perpdesk_event_positions') as position from waiting)
    update perpdesk_events set position = placed.position from placed where perpdesk_events.ticket = placed.ticket`.execute(
    kysely,
  );
}
