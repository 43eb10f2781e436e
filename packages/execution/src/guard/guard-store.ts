import {
  exitRulesSchema,
  type InstrumentId,
  instrumentIdSchema,
  priceSchema,
  protectionSchema,
  sizeSchema,
  takeProfitSchema,
} from '@perpdesk/core';
import { compileOnce, type Database } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
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

/** How a trade wants its position protected. */
export const tradePlanSchema = z.object({
  tradeId: z.string(),
  traceId: z.string(),
  leverage: z.number().positive(),
  stopLoss: priceSchema,
  /** The stop that was approved with the trade, once a user has edited it. */
  approvedStop: priceSchema.exactOptional(),
  takeProfits: z.array(takeProfitSchema),
  exits: exitRulesSchema.exactOptional(),
});
export type TradePlan = z.infer<typeof tradePlanSchema>;

/** The order last sent for a protective slot, how many there were before it, and what those had filled. */
const slotSchema = z.object({ clientOrderId: z.string(), attempt: z.int(), filledBefore: sizeSchema });
export type Slot = z.infer<typeof slotSchema>;

/** How far a stop that follows the price has come. */
export const trailSchema = z.object({
  /** The best mark since the position was opened. */
  best: priceSchema,
  /** Where the stop has moved to; absent: it is the plan's still. */
  stopLoss: priceSchema.exactOptional(),
  movedAtMs: z.int(),
});
export type Trail = z.infer<typeof trailSchema>;

/** The protection of a position that is open. */
export const standingSchema = z.object({
  /** The position's number: another position begins anew. */
  number: z.int(),
  plan: tradePlanSchema,
  /** All that the position was made of so far. */
  plannedSize: sizeSchema,
  slots: z.record(z.string(), slotSchema),
  trail: trailSchema.exactOptional(),
  /** What the desk was last told of it. */
  told: protectionSchema.exactOptional(),
});
export type Standing = z.infer<typeof standingSchema>;

/** The guard's one row per position: the plans of trades that may enter it, and what protects it while it is open. */
export const guardRowSchema = z.object({
  userId: z.string(),
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  /** Newest last. */
  plans: z.array(tradePlanSchema),
  standing: standingSchema.exactOptional(),
});
export type GuardRow = z.infer<typeof guardRowSchema>;

const putRow = compileOnce((kysely: Kysely<ExecutionTables>, row: Selectable<ExecutionTables['execution_guards']>) =>
  kysely
    .insertInto('execution_guards')
    .values({ user_id: row.user_id, venue: row.venue, instrument_id: row.instrument_id, data: row.data })
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'venue', 'instrument_id'])
        .doUpdateSet(({ ref }) => ({ data: ref('excluded.data') })),
    )
    .compile(),
);

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

  async put(row: GuardRow, transaction: Kysely<ExecutionTables> = this.#kysely): Promise<void> {
    await putRow(transaction, {
      user_id: row.userId,
      venue: row.venue,
      instrument_id: row.instrumentId,
      data: JSON.stringify(row),
    });
  }
}
