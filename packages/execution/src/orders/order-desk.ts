import {
  type ApprovedOrder,
  type CancelOutcome,
  type Clock,
  type EventBus,
  type ExecutionVenue,
  type Logger,
  type Order,
  type OrderIntent,
  type OrderStatus,
  type PlaceOutcome,
  type Rejection,
  type RiskGate,
  silentLogger,
  zeroSize,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { ExecutionTables } from '../store/execution-tables.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { OrderStore } from './order-store.ts';

/** What became of a leg. `refused`: by Brix, nothing left. `rejected`: by the venue. `unknown`: only the venue can tell, later. */
export type SendOutcome =
  | { readonly outcome: 'accepted'; readonly order: Order }
  | { readonly outcome: 'refused'; readonly rejection: Rejection }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  | { readonly outcome: 'unknown' };

type OrderRecordType = 'order.submitted' | 'order.accepted' | 'order.rejected' | 'order.unresolved' | 'order.canceled';

/** Options of {@link OrderDesk}. */
export interface OrderDeskOptions {
  readonly clock: Clock;
  readonly eventBus: EventBus;
  readonly riskGate: RiskGate;
  readonly venues: VenueDirectory;
  readonly database: Database;
  readonly logger?: Logger;
}

/**
 * The one way from an intent to a venue: asks Brix for each send, keeps the intent before it goes, and never sends what may
 * already have landed. Exits go on when the database does not.
 */
export class OrderDesk {
  readonly #options: OrderDeskOptions;
  readonly #store: OrderStore;
  readonly #logger: Logger;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
    this.#store = new OrderStore(options.database);
    this.#logger = options.logger ?? silentLogger;
  }

  /** Sends a leg once. Called again with the same client order id it says what became of the first. Throws only StoreError, before anything left. */
  async send(intent: OrderIntent): Promise<SendOutcome> {
    const venue = this.#options.venues.get(intent.venue);
    if (venue === undefined) return refusedVenue(intent.venue);
    const known = await this.#known(intent);
    if (known !== undefined) {
      const settled = await this.#settle(known.order, known.authorizationExpiresAtMs, venue);
      if (settled !== undefined) return settled;
    }
    return this.#act(intent, (approved) => venue.place(approved), 'place');
  }

  /** Replaces the open order of the intent's client order id. */
  async amend(intent: OrderIntent): Promise<SendOutcome> {
    const venue = this.#options.venues.get(intent.venue);
    if (venue === undefined) return refusedVenue(intent.venue);
    return this.#act(intent, (approved) => venue.amend(approved), 'amend');
  }

  /** Cancels an order; what the venue answers. The cancellation itself is told by the venue's update. */
  async cancel({
    userId,
    venue: name,
    clientOrderId,
  }: Pick<OrderIntent, 'userId' | 'venue' | 'clientOrderId'>): Promise<CancelOutcome> {
    const venue = this.#options.venues.get(name);
    return venue === undefined ? { ...refusedVenue(name), outcome: 'rejected' } : venue.cancel(userId, clientOrderId);
  }

  /** Asks the venues about every order whose outcome is not known. Called after a restart and on a timer; returns how many are still open questions. */
  async resolveUnsettled(): Promise<number> {
    let left = 0;
    for (const { order, authorizationExpiresAtMs } of await this.#store.unsettled()) {
      const venue = this.#options.venues.get(order.venue);
      const settled = venue === undefined ? undefined : await this.#settle(order, authorizationExpiresAtMs, venue);
      if (settled?.outcome === 'unknown') left += 1;
      if (settled === undefined)
        await this.#record({ ...order, status: 'expired' }, authorizationExpiresAtMs, 'order.canceled');
    }
    return left;
  }

  async #act(
    intent: OrderIntent,
    send: (approved: ApprovedOrder) => Promise<PlaceOutcome>,
    act: 'place' | 'amend',
  ): Promise<SendOutcome> {
    const decision = await this.#options.riskGate.authorize(intent);
    if (decision.outcome === 'rejected') {
      const order = { ...this.#order(intent, 'rejected'), rejection: decision.rejection };
      const payload = { order, rejection: decision.rejection };
      await this.#options.eventBus.publish({ type: 'order.refused', ...about(order), payload });
      return { outcome: 'refused', rejection: decision.rejection };
    }
    const expiresAtMs = decision.order.authorization.expiresAtMs;
    const intended = this.#order(intent, 'intended');
    await this.#record(intended, expiresAtMs, 'order.submitted');
    const answer = await send(decision.order);
    switch (answer.outcome) {
      case 'accepted':
        await this.#record(answer.order, expiresAtMs, 'order.accepted');
        return { outcome: 'accepted', order: answer.order };
      case 'rejected':
        // A refused amendment leaves the order as it rested: what is kept must not call it dead.
        if (act === 'place')
          await this.#record(
            { ...intended, status: 'rejected', rejection: answer.rejection },
            expiresAtMs,
            'order.rejected',
          );
        else
          this.#logger.warn({ clientOrderId: intent.clientOrderId, ...answer.rejection }, 'an amendment was rejected');
        return { outcome: 'rejected', rejection: answer.rejection };
      case 'unknown':
        await this.#record({ ...intended, status: 'unresolved' }, expiresAtMs, 'order.unresolved');
        return { outcome: 'unknown' };
    }
  }

  /** What became of an order that was kept earlier; undefined when it never landed and can not any more. */
  async #settle(order: Order, expiresAtMs: number, venue: ExecutionVenue): Promise<SendOutcome | undefined> {
    if (order.status === 'rejected' && order.rejection !== undefined)
      return { outcome: 'rejected', rejection: order.rejection };
    if (order.status !== 'intended' && order.status !== 'unresolved') return { outcome: 'accepted', order };
    try {
      const found = await venue.fetchOrder(order.userId, order.clientOrderId);
      if (found !== undefined) {
        await this.#record(found, expiresAtMs, 'order.accepted');
        return { outcome: 'accepted', order: found };
      }
    } catch (error) {
      this.#logger.warn({ error, clientOrderId: order.clientOrderId }, 'an order could not be looked up');
      return { outcome: 'unknown' };
    }
    return this.#options.clock.nowMs() <= expiresAtMs ? { outcome: 'unknown' } : undefined;
  }

  async #known(
    intent: OrderIntent,
  ): Promise<{ readonly order: Order; readonly authorizationExpiresAtMs: number } | undefined> {
    try {
      return await this.#store.get(intent.clientOrderId);
    } catch (error) {
      return this.#onlyForExits(intent, error);
    }
  }

  async #record(order: Order, expiresAtMs: number, type: OrderRecordType): Promise<void> {
    try {
      await this.#options.database.transaction(async (transaction) => {
        await this.#store.put(order, expiresAtMs, transaction.as<ExecutionTables>());
        await this.#options.eventBus.publish({ type, ...about(order), payload: order }, { transaction });
      });
    } catch (error) {
      this.#onlyForExits(order, error);
    }
  }

  /** New risk stops when it can not be written down; what lessens risk goes on. */
  #onlyForExits(intent: Pick<OrderIntent, 'reduceOnly' | 'clientOrderId'>, error: unknown): undefined {
    if (!intent.reduceOnly) throw error;
    this.#logger.error({ error, clientOrderId: intent.clientOrderId }, 'an exit goes on without being kept');
    return undefined;
  }

  #order(intent: OrderIntent, status: OrderStatus): Order {
    const nowMs = this.#options.clock.nowMs();
    return { ...intent, status, filledSize: zeroSize, createdAtMs: nowMs, updatedAtMs: nowMs };
  }
}

const about = ({ userId, traceId }: Pick<Order, 'userId' | 'traceId'>) => ({
  key: userId,
  userId,
  ...(traceId === undefined ? {} : { traceId }),
});

const refusedVenue = (name: string): { readonly outcome: 'refused'; readonly rejection: Rejection } => ({
  outcome: 'refused',
  rejection: { code: 'venue.none', message: `There is no venue "${name}".` },
});
