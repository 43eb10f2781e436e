import { type EventBus, type Logger, type Order, PerpDeskError, StoreError } from '@perpdesk/core';
import type { Database, SqlTransaction } from '@perpdesk/core/database';
import type { ExecutionTables } from '../store/execution-tables.ts';
import { KeptIntent } from './kept-intent.ts';
import { isUnsettled } from './merge-order.ts';
import { OrderStore, type StoredOrder } from './order-store.ts';

type OrderEventType = 'order.submitted' | 'order.accepted' | 'order.rejected' | 'order.unresolved' | 'order.canceled';

/** Options of {@link OrderJournal}. */
export interface OrderJournalOptions {
  readonly eventBus: EventBus;
  readonly database: Database;
  readonly logger: Logger;
}

/**
 * Keeps each order together with the event that tells of it. New risk stops when it can not be written down; what lessens
 * risk goes on, and what was not kept of it is remembered for as long as the process lives.
 */
export class OrderJournal {
  readonly #options: OrderJournalOptions;
  readonly #store: OrderStore;
  readonly #unkept = new Map<string, StoredOrder>();

  constructor(options: OrderJournalOptions) {
    this.#options = options;
    this.#store = new OrderStore(options.database);
  }

  /** An order as it is known. @throws StoreError */
  async get(clientOrderId: string): Promise<StoredOrder | undefined> {
    return this.#unkept.get(clientOrderId) ?? asStoreError(() => this.#store.get(clientOrderId));
  }

  /** Orders whose outcome nobody knows yet. @throws StoreError */
  async unsettled(): Promise<readonly StoredOrder[]> {
    const unkept = [...this.#unkept.values()].filter(({ order }) => isUnsettled(order.status));
    const kept = await asStoreError(() => this.#store.unsettled());
    return [...kept.filter(({ order }) => !this.#unkept.has(order.clientOrderId)), ...unkept];
  }

  /** Keeps what is about to be sent in the transaction of the decision on it, where there is one: see {@link intend}. */
  intendWithDecision(order: Order): KeptIntent {
    return new KeptIntent({
      database: this.#options.database,
      write: (transaction, authorizationExpiresAtMs) =>
        asStoreError(() =>
          this.#write(transaction, { order, authorizationExpiresAtMs }, 'order.submitted', submitted(order)),
        ),
    });
  }

  /** Keeps what is about to be sent, told once however often it is sent. @throws StoreError for new risk: then it must not go. */
  async intend(stored: StoredOrder): Promise<void> {
    const { reduceOnly } = stored.order;
    try {
      await this.#keep(stored, 'order.submitted', submitted(stored.order));
    } catch (error) {
      if (!reduceOnly) throw error;
      this.#remember(stored, error, 'an exit goes on without being kept');
    }
  }

  /** Keeps what became of it. It has happened: nothing is thrown. */
  async note(stored: StoredOrder, type: OrderEventType, eventId: string | undefined): Promise<void> {
    try {
      await this.#keep(stored, type, eventId);
    } catch (error) {
      this.#remember(stored, error, 'what became of an order could not be kept');
    }
  }

  /** Tells of a refusal by Brix. @throws StoreError for new risk, which is then asked for again. */
  async refused(order: Order): Promise<void> {
    const { rejection } = order;
    if (rejection === undefined) return;
    try {
      const payload = { order, rejection };
      await asStoreError(() => this.#options.eventBus.publish({ type: 'order.refused', ...about(order), payload }));
    } catch (error) {
      if (!order.reduceOnly) throw error;
      this.#options.logger.error({ error, ...rejection }, 'a refused exit could not be told');
    }
  }

  async #keep(stored: StoredOrder, type: OrderEventType, eventId: string | undefined): Promise<void> {
    await asStoreError(() =>
      this.#options.database.transaction((transaction) => this.#write(transaction, stored, type, eventId)),
    );
  }

  async #write(
    transaction: SqlTransaction,
    { order, authorizationExpiresAtMs }: StoredOrder,
    type: OrderEventType,
    eventId: string | undefined,
  ): Promise<void> {
    await this.#store.put(order, authorizationExpiresAtMs, transaction.as<ExecutionTables>());
    const id = eventId === undefined ? {} : { id: eventId };
    await this.#options.eventBus.publish({ ...id, type, ...about(order), payload: order }, { transaction });
    transaction.afterCommit(() => this.#unkept.delete(order.clientOrderId));
  }

  #remember(stored: StoredOrder, error: unknown, what: string): void {
    this.#unkept.set(stored.order.clientOrderId, stored);
    this.#options.logger.error({ error, clientOrderId: stored.order.clientOrderId, status: stored.order.status }, what);
  }
}

/** A database that was closed does not say so in our words. */
async function asStoreError<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    if (PerpDeskError.is(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('orders.unkept', `Orders can not be read or kept: ${reason}.`, { cause });
  }
}

const submitted = ({ clientOrderId }: Order): string => `order.submitted:${clientOrderId}`;

const about = ({ userId, traceId }: Order) => ({
  key: userId,
  userId,
  ...(traceId === undefined ? {} : { traceId }),
});
