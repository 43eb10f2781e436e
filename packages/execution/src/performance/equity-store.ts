import { type Usd, usdSchema } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Kysely } from 'kysely';
import type { AccountKey } from '../portfolio/portfolio-store.ts';
import type { ExecutionTables } from '../store/execution-tables.ts';

/** What an account was worth at an instant. */
export interface EquityPoint extends AccountKey {
  readonly atMs: number;
  readonly equity: Usd;
  readonly unrealizedPnl: Usd;
  /** Paid in less paid out since the account began: it is no result. */
  readonly deposits: Usd;
}

/** Equity of accounts over time, on disk. */
export class EquityStore {
  readonly #kysely: Kysely<ExecutionTables>;

  constructor(database: Database) {
    this.#kysely = database.as<ExecutionTables>();
  }

  /** Keeps points; one of an instant that is there already is left as it is. @throws StoreError */
  async put(points: readonly EquityPoint[]): Promise<void> {
    if (points.length === 0) return;
    await this.#kysely
      .insertInto('execution_equity')
      .values(
        points.map(({ userId, venue, atMs, equity, unrealizedPnl, deposits }) => ({
          ...{ user_id: userId, venue, at_ms: atMs, equity, deposits },
          unrealized_pnl: unrealizedPnl,
        })),
      )
      .onConflict((conflict) => conflict.columns(['user_id', 'venue', 'at_ms']).doNothing())
      .execute();
  }

  /** The points of a user in [fromMs, toMs], of one venue or of all, oldest first. @throws StoreError */
  async range(
    userId: string,
    { fromMs, toMs, venue }: { readonly fromMs: number; readonly toMs: number; readonly venue?: string },
  ): Promise<readonly EquityPoint[]> {
    const rows = await this.#kysely
      .selectFrom('execution_equity')
      .selectAll()
      .where('user_id', '=', userId)
      .$if(venue !== undefined, (query) => query.where('venue', '=', venue ?? ''))
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<=', toMs)
      .orderBy('at_ms')
      .orderBy('venue')
      .execute();
    return rows.map((row) => ({
      ...{ userId: row.user_id, venue: row.venue, atMs: row.at_ms },
      equity: usdSchema.parse(row.equity),
      unrealizedPnl: usdSchema.parse(row.unrealized_pnl),
      deposits: usdSchema.parse(row.deposits),
    }));
  }
}
