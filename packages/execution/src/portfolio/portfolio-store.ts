import { type InstrumentId, type Usd, usdSchema } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Kysely } from 'kysely';
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

/** What the portfolio has told the desk about, on disk: after a restart it tells what it missed. */
export class PortfolioStore {
  readonly #kysely: Kysely<ExecutionTables>;

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
    transaction: Kysely<ExecutionTables> = this.#kysely,
  ): Promise<void> {
    const values = { user_id: userId, venue, instrument_id: held.instrumentId, data: JSON.stringify(held) };
    await transaction
      .insertInto('execution_positions')
      .values(values)
      .onConflict((conflict) => conflict.columns(['user_id', 'venue', 'instrument_id']).doUpdateSet(values))
      .execute();
  }

  async removePosition(
    { userId, venue }: AccountKey,
    instrumentId: InstrumentId,
    transaction: Kysely<ExecutionTables> = this.#kysely,
  ): Promise<void> {
    await transaction
      .deleteFrom('execution_positions')
      .where('user_id', '=', userId)
      .where('venue', '=', venue)
      .where('instrument_id', '=', instrumentId)
      .execute();
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
    transaction: Kysely<ExecutionTables> = this.#kysely,
  ): Promise<void> {
    const values = { user_id: userId, venue, data: JSON.stringify(cursor) };
    await transaction
      .insertInto('execution_cursors')
      .values(values)
      .onConflict((conflict) => conflict.columns(['user_id', 'venue']).doUpdateSet(values))
      .execute();
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
