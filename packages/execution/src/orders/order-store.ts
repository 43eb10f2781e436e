import { isFinal, type Order, orderSchema, orderStatusSchema } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
import type { ExecutionTables } from '../store/execution-tables.ts';
import { isUnsettled, mergeOrder } from './merge-order.ts';

/** A kept order and when its last authorisation ends: until then a lost request may still land. */
export interface StoredOrder {
  readonly order: Order;
  readonly authorizationExpiresAtMs: number;
}

const openStatuses = orderStatusSchema.options.filter((status) => !isFinal(status) && !isUnsettled(status));

/** Orders as we know them: kept before they are sent, brought up by what their venue tells. */
export class OrderStore {
  readonly #kysely: Kysely<ExecutionTables>;
  readonly #dialect: Database['dialect'];

  constructor(database: Database) {
    this.#kysely = database.as<ExecutionTables>();
    this.#dialect = database.dialect;
  }

  async get(clientOrderId: string): Promise<StoredOrder | undefined> {
    const row = await this.#select(this.#kysely, clientOrderId).executeTakeFirst();
    return row && read(row);
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

  /** Orders of an account that were open when they were last heard of. */
  async open(userId: string, venue: string): Promise<readonly Order[]> {
    const rows = await this.#kysely
      .selectFrom('execution_orders')
      .selectAll()
      .where('status', 'in', openStatuses)
      .where('user_id', '=', userId)
      .where('venue', '=', venue)
      .orderBy('client_order_id')
      .execute();
    return rows.map((row) => read(row).order);
  }

  /** Writes an order, in `transaction` where given. What the venue told meanwhile stays. */
  async put(
    order: Order,
    authorizationExpiresAtMs: number,
    transaction: Kysely<ExecutionTables> = this.#kysely,
  ): Promise<void> {
    // An order that is sent anew begins anew.
    const merged =
      order.status === 'intended'
        ? order
        : mergeOrder((await this.#lock(order.clientOrderId, transaction))?.order, order);
    const values = {
      client_order_id: merged.clientOrderId,
      user_id: merged.userId,
      venue: merged.venue,
      instrument_id: merged.instrumentId,
      trade_id: merged.tradeId ?? null,
      status: merged.status,
      authorization_expires_at_ms: authorizationExpiresAtMs,
      data: JSON.stringify(merged),
    };
    await transaction
      .insertInto('execution_orders')
      .values(values)
      .onConflict((conflict) => conflict.column('client_order_id').doUpdateSet(values))
      .execute();
  }

  /** Brings a kept order up by news of it. Orders that nobody here sent are not kept. */
  async advance(news: Order, transaction: Kysely<ExecutionTables>): Promise<void> {
    const known = await this.#lock(news.clientOrderId, transaction);
    if (known === undefined) return;
    const merged = mergeOrder(known.order, news);
    if (merged === known.order) return;
    await transaction
      .updateTable('execution_orders')
      .set({ status: merged.status, data: JSON.stringify(merged) })
      .where('client_order_id', '=', merged.clientOrderId)
      .execute();
  }

  /** Reads what will be written: what another connection writes meanwhile must not be lost. */
  async #lock(clientOrderId: string, transaction: Kysely<ExecutionTables>): Promise<StoredOrder | undefined> {
    const select = this.#select(transaction, clientOrderId);
    const row = await (this.#dialect === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
    return row && read(row);
  }

  #select(kysely: Kysely<ExecutionTables>, clientOrderId: string) {
    return kysely.selectFrom('execution_orders').selectAll().where('client_order_id', '=', clientOrderId);
  }
}

const read = (row: Selectable<ExecutionTables['execution_orders']>): StoredOrder => ({
  order: orderSchema.parse(JSON.parse(row.data)),
  authorizationExpiresAtMs: row.authorization_expires_at_ms,
});
