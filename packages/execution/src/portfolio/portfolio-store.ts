import { type InstrumentId, type Usd, usdSchema } from '@perpdesk/core';
import { compileOnce, type Database } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
import type { ExecutionTables } from '../store/execution-tables.ts';
import { type FillCursor, fillCursorSchema } from './fill-cursor.ts';
import { type HeldPosition, heldPositionSchema } from './held-position.ts';

/** Names an account: one per user and venue. */
export interface AccountKey {
  readonly userId: string;
  readonly venue: string;
}

/** Equity and deposits at the start of a user's day at a venue. */
export interface DayOpening {
  readonly equity: Usd;
  readonly deposits: Usd;
}

type PortfolioTables = Kysely<ExecutionTables>;

type PositionRow = Selectable<ExecutionTables['execution_positions']>;
type CursorRow = Selectable<ExecutionTables['execution_cursors']>;

const putPositionRow = compileOnce((kysely: PortfolioTables, row: PositionRow) =>
  kysely
    .insertInto('execution_positions')
    .values({ user_id: row.user_id, venue: row.venue, instrument_id: row.instrument_id, data: row.data })
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'venue', 'instrument_id'])
        .doUpdateSet(({ ref }) => ({ data: ref('excluded.data') })),
    )
    .compile(),
);

const removePositionRow = compileOnce((kysely: PortfolioTables, row: Omit<PositionRow, 'data'>) =>
  kysely
    .deleteFrom('execution_positions')
    .where('user_id', '=', row.user_id)
    .where('venue', '=', row.venue)
    .where('instrument_id', '=', row.instrument_id)
    .compile(),
);

const putCursorRow = compileOnce((kysely: PortfolioTables, row: CursorRow) =>
  kysely
    .insertInto('execution_cursors')
    .values({ user_id: row.user_id, venue: row.venue, data: row.data })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'venue']).doUpdateSet(({ ref }) => ({ data: ref('excluded.data') })),
    )
    .compile(),
);

/** What the portfolio has told the desk about, on disk: after a restart it tells what it missed. */
export class PortfolioStore {
  readonly #kysely: PortfolioTables;

  constructor(database: Database) {
    this.#kysely = database.as<ExecutionTables>();
  }

  async positions({ userId, venue }: AccountKey): Promise<readonly HeldPosition[]> {
    const rows = await this.#kysely
      .selectFrom('execution_positions')
      .select('data')
      .where('user_id', '=', userId)
      .where('venue', '=', venue)
      .orderBy('instrument_id')
      .execute();
    return rows.map((row) => heldPositionSchema.parse(JSON.parse(row.data)));
  }

  async putPosition(
    { userId, venue }: AccountKey,
    held: HeldPosition,
    transaction: PortfolioTables = this.#kysely,
  ): Promise<void> {
    const data = JSON.stringify(held);
    await putPositionRow(transaction, { user_id: userId, venue, instrument_id: held.instrumentId, data });
  }

  async removePosition(
    { userId, venue }: AccountKey,
    instrumentId: InstrumentId,
    transaction: PortfolioTables = this.#kysely,
  ): Promise<void> {
    await removePositionRow(transaction, { user_id: userId, venue, instrument_id: instrumentId });
  }

  /** How far the account was taken in; undefined when it is new. */
  async cursor({ userId, venue }: AccountKey): Promise<FillCursor | undefined> {
    const row = await this.#kysely
      .selectFrom('execution_cursors')
      .select('data')
      .where('user_id', '=', userId)
      .where('venue', '=', venue)
      .executeTakeFirst();
    return row === undefined ? undefined : fillCursorSchema.parse(JSON.parse(row.data));
  }

  async putCursor(
    { userId, venue }: AccountKey,
    cursor: FillCursor,
    transaction: PortfolioTables = this.#kysely,
  ): Promise<void> {
    await putCursorRow(transaction, { user_id: userId, venue, data: JSON.stringify(cursor) });
  }

  async dayOpening({ userId, venue }: AccountKey, day: string): Promise<DayOpening | undefined> {
    const row = await this.#kysely
      .selectFrom('execution_day_openings')
      .select(['equity', 'deposits'])
      .where('user_id', '=', userId)
      .where('venue', '=', venue)
      .where('day', '=', day)
      .executeTakeFirst();
    return row && { equity: usdSchema.parse(row.equity), deposits: usdSchema.parse(row.deposits) };
  }

  /** The first opening of a day stands. */
  async putDayOpening({ userId, venue }: AccountKey, day: string, opening: DayOpening): Promise<void> {
    const { equity, deposits } = opening;
    await this.#kysely
      .insertInto('execution_day_openings')
      .values({ user_id: userId, venue, day, equity, deposits })
      .onConflict((conflict) => conflict.columns(['user_id', 'venue', 'day']).doNothing())
      .execute();
  }
}
