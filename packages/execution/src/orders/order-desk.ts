import {
  type CancelOutcome,
  type Clock,
  type EventBus,
  type ExecutionVenue,
  type Logger,
  type Order,
  type OrderIntent,
  type OrderStatus,
  type PlaceOutcome,
  type RiskGate,
  silentLogger,
  type Unsubscribe,
  zeroSize,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { OrderFates } from './order-fates.ts';
import { OrderJournal } from './order-journal.ts';
import type { StoredOrder } from './order-store.ts';
import type { OrderFate, OrderRef, SendOutcome } from './send-outcome.ts';

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
 * The one way from an intent to a venue: asks Brix for each send, keeps the intent before it goes, and never sends new risk
 * that may already have landed. What lessens risk does not wait to know, and goes on when the database does not.
 */
export class OrderDesk {
  readonly #options: OrderDeskOptions;
  readonly #journal: OrderJournal;
  readonly #fates: OrderFates;
  readonly #logger: Logger;
  /** The tail of what is done with each order: one thing at a time. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #listeners = new Set<(order: Order) => void>();

  constructor(options: OrderDeskOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#journal = new OrderJournal({ ...options, logger: this.#logger });
    this.#fates = new OrderFates({
      ...{ journal: this.#journal, venues: options.venues, clock: options.clock, logger: this.#logger },
      tell: (order) => this.#tell(order),
    });
  }

  /** Hears of every order this desk sends, at once: before it goes, and what became of it. */
  watch(listener: (order: Order) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Sends a leg once. Called again with the same client order id it says what became of the first.
   * @throws StoreError for new risk, before anything left.
   */
  async send(intent: OrderIntent): Promise<SendOutcome> {
    const venue = this.#options.venues.get(intent.venue);
    if (venue === undefined) return noVenue(intent.venue);
    return this.#inTurn(intent, async () => {
      const known = await this.#known(intent);
      if (known !== undefined) {
        const fate = await this.#fates.settle(known, venue);
        if (fate.outcome !== 'never-landed' && !(fate.outcome === 'unknown' && intent.reduceOnly)) return fate;
      }
      return this.#place(intent, venue);
    });
  }

  /**
   * Replaces the open order of the intent's client order id; the intent's `size` is the whole, what has filled included. What
   * is kept of the order stays as it is until the venue has taken the change.
   * @throws StoreError for new risk, before anything left.
   */
  async amend(intent: OrderIntent): Promise<SendOutcome> {
    const venue = this.#options.venues.get(intent.venue);
    if (venue === undefined) return noVenue(intent.venue);
    return this.#inTurn(intent, async () => {
      const decision = await this.#options.riskGate.authorize(intent);
      if (decision.outcome === 'rejected') return this.#refuse(intent, decision.rejection);
      const authorizationExpiresAtMs = decision.order.authorization.expiresAtMs;
      const answer = await attempt(() => venue.amend(decision.order));
      if (answer.outcome === 'rejected') {
        this.#logger.warn({ clientOrderId: intent.clientOrderId, ...answer.rejection }, 'an amendment was rejected');
        return answer;
      }
      if (answer.outcome === 'accepted') return this.#fates.accept({ order: answer.order, authorizationExpiresAtMs });
      // The order rests, as it was or as it should be: what the venue shows now is gone on from.
      const order = this.#order(intent, 'intended');
      const fate = await this.#fates.lookUp({ order, authorizationExpiresAtMs }, venue);
      return fate.outcome === 'never-landed' ? { outcome: 'unknown' } : fate;
    });
  }

  /** Cancels an order; what the venue answers. The cancellation itself is told by the venue's update. */
  async cancel({ userId, venue: name, clientOrderId }: OrderRef): Promise<CancelOutcome> {
    const venue = this.#options.venues.get(name);
    return venue === undefined ? { ...noVenue(name), outcome: 'rejected' } : venue.cancel(userId, clientOrderId);
  }

  /** An order as it is known: as kept, or as its venue knows it while the database does not answer. */
  async find(ref: OrderRef): Promise<Order | undefined> {
    try {
      return (await this.#journal.get(ref.clientOrderId))?.order;
    } catch (error) {
      this.#logger.warn({ error, clientOrderId: ref.clientOrderId }, 'an order is looked up at its venue');
    }
    try {
      return await this.#options.venues.get(ref.venue)?.fetchOrder(ref.userId, ref.clientOrderId);
    } catch (error) {
      this.#logger.warn({ error, clientOrderId: ref.clientOrderId }, 'an order could not be looked up');
      return undefined;
    }
  }

  /** Asks the venue what became of an order that was sent. One that never landed has expired from then on. @throws StoreError */
  fetchFate(ref: OrderRef): Promise<OrderFate> {
    return this.#inTurn(ref, () => this.#fates.fetch(ref));
  }

  /**
   * Asks the venues about every order whose outcome is not known. Called after a restart and on a timer; returns how many
   * are still open questions. A trade sends its own entry again once the first can not land any more, and is given the time
   * to: only then it has expired. @throws StoreError
   */
  async resolveUnsettled(): Promise<number> {
    const unsettled = await this.#journal.unsettled();
    this.#fates.keepAskingOnly(new Set(unsettled.map(({ order }) => order.clientOrderId)));
    let left = 0;
    for (const { order } of unsettled) {
      const mayExpire = this.#fates.mayExpire(order);
      const { outcome } = await this.#inTurn(order, () => this.#fates.fetch(order, mayExpire));
      if (outcome !== 'unknown') continue;
      left += 1;
      this.#tell({ ...order, status: 'unresolved' });
    }
    return left;
  }

  async #place(intent: OrderIntent, venue: ExecutionVenue): Promise<SendOutcome> {
    const decision = await this.#options.riskGate.authorize(intent);
    if (decision.outcome === 'rejected') return this.#refuse(intent, decision.rejection);
    const authorizationExpiresAtMs = decision.order.authorization.expiresAtMs;
    const order = this.#order(intent, 'intended');
    await this.#journal.intend({ order, authorizationExpiresAtMs });
    this.#tell(order);
    const answer = await attempt(() => venue.place(decision.order));
    if (answer.outcome === 'accepted')
      return this.#fates.accept({ order: answer.order, authorizationExpiresAtMs }, intent.clientOrderId);
    if (answer.outcome === 'rejected' && answer.rejection.code !== 'order.duplicate') {
      const rejected: Order = { ...order, status: 'rejected', rejection: answer.rejection };
      const eventId = `order.rejected:${intent.clientOrderId}`;
      await this.#journal.note({ order: rejected, authorizationExpiresAtMs }, 'order.rejected', eventId);
      this.#tell(rejected);
      return answer;
    }
    // The venue has one of this id, or may have: which it is, it alone can say.
    const fate =
      answer.outcome === 'rejected' ? await this.#fates.lookUp({ order, authorizationExpiresAtMs }, venue) : answer;
    if (fate.outcome === 'accepted') return fate;
    const unresolved: Order = { ...order, status: 'unresolved' };
    const eventId = `order.unresolved:${intent.clientOrderId}:${authorizationExpiresAtMs}`;
    await this.#journal.note({ order: unresolved, authorizationExpiresAtMs }, 'order.unresolved', eventId);
    this.#tell(unresolved);
    return { outcome: 'unknown' };
  }

  async #refuse(intent: OrderIntent, rejection: NonNullable<Order['rejection']>): Promise<SendOutcome> {
    await this.#journal.refused({ ...this.#order(intent, 'rejected'), rejection });
    return { outcome: 'refused', rejection };
  }

  async #known(intent: OrderIntent): Promise<StoredOrder | undefined> {
    try {
      return await this.#journal.get(intent.clientOrderId);
    } catch (error) {
      if (!intent.reduceOnly) throw error;
      // Whether there was an earlier try the venue has to say.
      return { order: this.#order(intent, 'intended'), authorizationExpiresAtMs: 0 };
    }
  }

  #tell(order: Order): void {
    for (const listener of this.#listeners) listener(order);
  }

  #order(intent: OrderIntent, status: OrderStatus): Order {
    const nowMs = this.#options.clock.nowMs();
    return { ...intent, status, filledSize: zeroSize, createdAtMs: nowMs, updatedAtMs: nowMs };
  }

  #inTurn<Result>({ clientOrderId }: OrderRef, act: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(clientOrderId);
    const turn = before === undefined ? act() : before.then(act, act);
    this.#turns.set(clientOrderId, turn);
    const leave = (): void => {
      if (this.#turns.get(clientOrderId) === turn) this.#turns.delete(clientOrderId);
    };
    turn.then(leave, leave);
    return turn;
  }
}

/** An acting method answers with an outcome; one that throws leaves it open. */
async function attempt(act: () => Promise<PlaceOutcome>): Promise<PlaceOutcome> {
  try {
    return await act();
  } catch (error) {
    return { outcome: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}

const noVenue = (name: string): Extract<SendOutcome, { readonly outcome: 'refused' }> => ({
  outcome: 'refused',
  rejection: { code: 'venue.none', message: `There is no venue "${name}".` },
});
