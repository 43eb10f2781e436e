import { type InstrumentId, type Usd, usdSchema } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Kysely } from 'kysely';
import * as z from 'zod';
import type { ExecutionTables } from '../store/execution-tables.ts';
import { type HeldPosition, heldPositionSchema } from './held-position.ts';

/** Equity and deposits at the start of a user's day at a venue. */
export interface DayOpening {
  readonly equity: Usd;
  readonly deposits: Usd;
}

/** The last fill that was told: its instant and the ids told at it; and how many positions were opened so far. */
export interface FillCursor {
  readonly atMs: number;
  readonly ids: readonly string[];
  readonly filledTrades: number;
}

/** What the portfolio has told the desk about, on disk: after a restart it tells what it missed. */
export class PortfolioStore {
  readonly #kysely: Kysely<ExecutionTables>;

  constructor(database: Database) {
    this.#kysely = database.as<ExecutionTables>();
  }

  async positions(userId: string, venue: string): Promise<readonly HeldPosition[]> {
    const rows = await this.#kysely
      .selectFrom('execution_positions')
      .select('data')
      .where('user_id', '=', userId)
      .where('venue', '=', venue)
      .orderBy('instrument_id')
      .execute();
    return rows.map((row) => heldPositionSchema.parse(JSON.parse(row.data)));
  }

  async putPosition(held: HeldPosition, transaction: Kysely<ExecutionTables> = this.#kysely): Promise<void> {
    const { userId, venue, instrumentId } = held.position;
    const values = { user_id: userId, venue, instrument_id: instrumentId, data: JSON.stringify(held) };
    await transaction
      .insertInto('execution_positions')
      .values(values)
      .onConflict((conflict) => conflict.columns(['user_id', 'venue', 'instrument_id']).doUpdateSet(values))
      .execute();
  }

  async removePosition(
    userId: string,
    venue: string,
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

  /** How far fills were told; the beginning where none were. */
  async cursor(userId: string, venue: string): Promise<FillCursor> {
    const row = await this.#kysely
      .selectFrom('execution_cursors')
      .selectAll()
      .where('user_id', '=', userId)
      .where('venue', '=', venue)
      .executeTakeFirst();
    if (row === undefined) return { atMs: 0, ids: [], filledTrades: 0 };
    return {
      atMs: row.fills_since_ms,
      ids: z.array(z.string()).parse(JSON.parse(row.fill_ids)),
      filledTrades: row.filled_trades,
    };
  }

  async putCursor(
    userId: string,
    venue: string,
    cursor: FillCursor,
    transaction: Kysely<ExecutionTables> = this.#kysely,
  ): Promise<void> {
    const values = {
      user_id: userId,
      venue,
      fills_since_ms: cursor.atMs,
      fill_ids: JSON.stringify(cursor.ids),
      filled_trades: cursor.filledTrades,
    };
    await transaction
      .insertInto('execution_cursors')
      .values(values)
      .onConflict((conflict) => conflict.columns(['user_id', 'venue']).doUpdateSet(values))
      .execute();
  }

  async dayOpening(userId: string, venue: string, day: string): Promise<DayOpening | undefined> {
    const row = await this.#kysely
      .selectFrom('execution_day_openings')
      .select(['equity', 'deposits'])
      .where('user_id', '=', userId)
      .where('venue', '=', venue)
      .where('day', '=', day)
      .executeTakeFirst();
    return row === undefined
      ? undefined
      : { equity: usdSchema.parse(row.equity), deposits: usdSchema.parse(row.deposits) };
  }

  /** The first opening of a day stands. */
  async putDayOpening(userId: string, venue: string, day: string, opening: DayOpening): Promise<void> {
    await this.#kysely
      .insertInto('execution_day_openings')
      .values({ user_id: userId, venue, day, ...opening })
      .onConflict((conflict) => conflict.columns(['user_id', 'venue', 'day']).doNothing())
      .execute();
  }
}
