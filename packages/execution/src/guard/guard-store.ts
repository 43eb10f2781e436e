import { type InstrumentId, instrumentIdSchema, priceSchema, sizeSchema, takeProfitSchema } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Kysely } from 'kysely';
import * as z from 'zod';
import type { ExecutionTables } from '../store/execution-tables.ts';

/** Names a position: one per user, venue and instrument. */
export interface PositionKey {
  readonly userId: string;
  readonly venue: string;
  readonly instrumentId: InstrumentId;
}

/** The text a position is known by in maps. */
export const positionKeyText = ({ userId, venue, instrumentId }: PositionKey): string =>
  `${userId}|${venue}|${instrumentId}`;

/** The guard's one row per position: the plan it protects by and the orders it does that with. */
export const guardRowSchema = z.object({
  userId: z.string(),
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  tradeId: z.string(),
  traceId: z.string(),
  leverage: z.number().positive(),
  stopLoss: priceSchema,
  takeProfits: z.array(takeProfitSchema),
  /** The largest the position has been; "0" before it opened. */
  plannedSize: sizeSchema,
  /** Targets that were reached. */
  taken: z.array(z.string()),
  /** The order last sent for each slot, and how many there were. */
  slots: z.record(z.string(), z.object({ clientOrderId: z.string(), attempt: z.int() })),
});
export type GuardRow = z.infer<typeof guardRowSchema>;

/** Guard rows on disk. */
export class GuardStore {
  readonly #kysely: Kysely<ExecutionTables>;

  constructor(database: Database) {
    this.#kysely = database.as<ExecutionTables>();
  }

  async all(): Promise<readonly GuardRow[]> {
    const rows = await this.#kysely
      .selectFrom('execution_guards')
      .select('data')
      .orderBy('user_id')
      .orderBy('venue')
      .orderBy('instrument_id')
      .execute();
    return rows.map((row) => guardRowSchema.parse(JSON.parse(row.data)));
  }

  async put(row: GuardRow): Promise<void> {
    const values = {
      user_id: row.userId,
      venue: row.venue,
      instrument_id: row.instrumentId,
      trade_id: row.tradeId,
      data: JSON.stringify(row),
    };
    await this.#kysely
      .insertInto('execution_guards')
      .values(values)
      .onConflict((conflict) => conflict.columns(['user_id', 'venue', 'instrument_id']).doUpdateSet(values))
      .execute();
  }
}
