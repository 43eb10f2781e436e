import { type Order, orderSchema } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
import type { ExecutionTables } from '../store/execution-tables.ts';

/** A kept order and when its last authorisation ends: until then a lost request may still land. */
export interface StoredOrder {
  readonly order: Order;
  readonly authorizationExpiresAtMs: number;
}

/** Orders as we know them, kept before they are sent. */
export class OrderStore {
  readonly #kysely: Kysely<ExecutionTables>;

  constructor(database: Database) {
    this.#kysely = database.as<ExecutionTables>();
  }

  async get(clientOrderId: string): Promise<StoredOrder | undefined> {
    const row = await this.#kysely
      .selectFrom('execution_orders')
      .selectAll()
      .where('client_order_id', '=', clientOrderId)
      .executeTakeFirst();
    return row === undefined ? undefined : read(row);
  }

  /** Orders whose outcome nobody knows yet. */
  async unsettled(): Promise<readonly StoredOrder[]> {
    const rows = await this.#kysely
      .selectFrom('execution_orders')
      .selectAll()
      .where('status', 'in', ['intended', 'unresolved'])
      .orderBy('client_order_id')
      .execute();
    return rows.map(read);
  }

  async ofTrade(tradeId: string): Promise<readonly StoredOrder[]> {
    const rows = await this.#kysely
      .selectFrom('execution_orders')
      .selectAll()
      .where('trade_id', '=', tradeId)
      .orderBy('client_order_id')
      .execute();
    return rows.map(read);
  }

  /** Writes an order, in `transaction` where given. */
  async put(
    order: Order,
    authorizationExpiresAtMs: number,
    transaction: Kysely<ExecutionTables> = this.#kysely,
  ): Promise<void> {
    const values = {
      client_order_id: order.clientOrderId,
      user_id: order.userId,
      venue: order.venue,
      instrument_id: order.instrumentId,
      trade_id: order.tradeId ?? null,
      status: order.status,
      authorization_expires_at_ms: authorizationExpiresAtMs,
      data: JSON.stringify(order),
    };
    await transaction
      .insertInto('execution_orders')
      .values(values)
      .onConflict((conflict) => conflict.column('client_order_id').doUpdateSet(values))
      .execute();
  }
}

const read = (row: Selectable<ExecutionTables['execution_orders']>): StoredOrder => ({
  order: orderSchema.parse(JSON.parse(row.data)),
  authorizationExpiresAtMs: row.authorization_expires_at_ms,
});
