import { isFinal, type Order, orderSchema, orderStatusSchema } from '@perpdesk/core';
import { compileOnce, type Database, firstRow } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
import type { ExecutionTables } from '../store/execution-tables.ts';
import { isUnsettled, mergeOrder } from './merge-order.ts';

/** A kept order and when its last authorisation ends: until then a lost request may still land. */
export interface StoredOrder {
  readonly order: Order;
  readonly authorizationExpiresAtMs: number;
}

const openStatuses = orderStatusSchema.options.filter((status) => !isFinal(status) && !isUnsettled(status));

type OrderRow = Selectable<ExecutionTables['execution_orders']>;
type OrderTables = Kysely<ExecutionTables>;

const selectById = (kysely: OrderTables, id: string) =>
  kysely
    .selectFrom('execution_orders')
    .select(['data', 'authorization_expires_at_ms'])
    .where('client_order_id', '=', id);

const readRow = compileOnce((kysely: OrderTables, { id }: { id: string }) => selectById(kysely, id).compile());

const lockRow = compileOnce((kysely: OrderTables, { id }: { id: string }) =>
  selectById(kysely, id).forUpdate().compile(),
);

const putRow = compileOnce((kysely: OrderTables, row: OrderRow) =>
  kysely
    .insertInto('execution_orders')
    .values({
      client_order_id: row.client_order_id,
      user_id: row.user_id,
      venue: row.venue,
      instrument_id: row.instrument_id,
      trade_id: row.trade_id,
      status: row.status,
      authorization_expires_at_ms: row.authorization_expires_at_ms,
      data: row.data,
    })
    .onConflict((conflict) =>
      conflict.column('client_order_id').doUpdateSet(({ ref }) => ({
        user_id: ref('excluded.user_id'),
        venue: ref('excluded.venue'),
        instrument_id: ref('excluded.instrument_id'),
        trade_id: ref('excluded.trade_id'),
        status: ref('excluded.status'),
        authorization_expires_at_ms: ref('excluded.authorization_expires_at_ms'),
        data: ref('excluded.data'),
      })),
    )
    .compile(),
);

const updateRow = compileOnce(
  (kysely: OrderTables, { id, status, data }: { id: string; status: string; data: string }) =>
    kysely.updateTable('execution_orders').set({ status, data }).where('client_order_id', '=', id).compile(),
);

/** Orders as we know them: kept before they are sent, brought up by what their venue tells. */
export class OrderStore {
  readonly #kysely: OrderTables;
  readonly #dialect: Database['dialect'];

  constructor(database: Database) {
    this.#kysely = database.as<ExecutionTables>();
    this.#dialect = database.dialect;
  }

  async get(clientOrderId: string): Promise<StoredOrder | undefined> {
    const row = await firstRow(readRow(this.#kysely, { id: clientOrderId }));
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
  async put(order: Order, authorizationExpiresAtMs: number, transaction: OrderTables = this.#kysely): Promise<void> {
    // An order that is sent anew begins anew.
    const merged =
      order.status === 'intended'
        ? order
        : mergeOrder((await this.#lock(order.clientOrderId, transaction))?.order, order);
    await putRow(transaction, {
      client_order_id: merged.clientOrderId,
      user_id: merged.userId,
      venue: merged.venue,
      instrument_id: merged.instrumentId,
      trade_id: merged.tradeId ?? null,
      status: merged.status,
      authorization_expires_at_ms: authorizationExpiresAtMs,
      data: JSON.stringify(merged),
    });
  }

  /** Brings a kept order up by news of it. Orders that nobody here sent are not kept. */
  async advance(news: Order, transaction: OrderTables): Promise<void> {
    const known = await this.#lock(news.clientOrderId, transaction);
    if (known === undefined) return;
    const merged = mergeOrder(known.order, news);
    if (merged === known.order) return;
    const { clientOrderId, status } = merged;
    await updateRow(transaction, { id: clientOrderId, status, data: JSON.stringify(merged) });
  }

  /** Reads what will be written: what another connection writes meanwhile must not be lost. */
  async #lock(clientOrderId: string, transaction: OrderTables): Promise<StoredOrder | undefined> {
    const select = this.#dialect === 'postgres' ? lockRow : readRow;
    const row = await firstRow(select(transaction, { id: clientOrderId }));
    return row && read(row);
  }
}

const read = (row: Pick<OrderRow, 'data' | 'authorization_expires_at_ms'>): StoredOrder => ({
  order: orderSchema.parse(JSON.parse(row.data)),
  authorizationExpiresAtMs: row.authorization_expires_at_ms,
});
