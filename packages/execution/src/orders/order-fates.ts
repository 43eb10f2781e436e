import { type Clock, type ExecutionVenue, isFinal, type Logger, type Order } from '@perpdesk/core';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { answerInTime } from './answer-in-time.ts';
import { isUnsettled, mergeOrder } from './merge-order.ts';
import type { OrderJournal } from './order-journal.ts';
import type { StoredOrder } from './order-store.ts';
import type { LookedUp, OrderFate, OrderRef, SendOutcome } from './send-outcome.ts';

/** How long after its authorisation has ended an order may still be on its way from the venue's door to its books. */
const landingGraceMs = 2_000;
/** How long a trade is given to send an entry of its own again before it counts as expired. */
const tradePatienceMs = 60_000;

/** Options of {@link OrderFates}. */
export interface OrderFatesOptions {
  readonly journal: OrderJournal;
  readonly venues: VenueDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each order as it becomes known. */
  readonly tell: (order: Order) => void;
  /** How long a question after what lessens risk may take. */
  readonly exitAnswerMs: number;
}

/** Finds out what became of orders that were sent, by asking the venue: only it can say. */
export class OrderFates {
  readonly #options: OrderFatesOptions;
  /** Since when each order of unknown outcome is asked after. */
  readonly #askedSinceMs = new Map<string, number>();

  constructor(options: OrderFatesOptions) {
    this.#options = options;
  }

  /** What became of an order that was kept earlier; asks where it is not known. */
  async settle(known: StoredOrder, venue: ExecutionVenue): Promise<LookedUp> {
    return isUnsettled(known.order.status) ? this.lookUp(known, venue) : settled(known.order);
  }

  /** Asks the venue, whatever is known. `never-landed` only once nothing that was sent can land any more; `absent` before. */
  async lookUp(known: StoredOrder, venue: ExecutionVenue): Promise<LookedUp> {
    const { order, authorizationExpiresAtMs } = known;
    let found: Order | undefined;
    try {
      const { clock, exitAnswerMs } = this.#options;
      const asked = venue.fetchOrder(order.userId, order.clientOrderId, { instrumentId: order.instrumentId });
      found = await (order.reduceOnly ? answerInTime(clock, exitAnswerMs, asked) : asked);
    } catch (error) {
      this.#options.logger.warn({ error, clientOrderId: order.clientOrderId }, 'an order could not be looked up');
      return { outcome: 'unknown' };
    }
    if (found !== undefined)
      return this.accept({ order: mergeOrder(order, found), authorizationExpiresAtMs }, order.clientOrderId);
    if (!isUnsettled(order.status)) return { outcome: 'unknown' };
    const landsUntilMs = authorizationExpiresAtMs + landingGraceMs + venue.capabilities.landsLateByMs;
    return { outcome: this.#options.clock.nowMs() > landsUntilMs ? 'never-landed' : 'absent' };
  }

  /** Keeps and tells that the venue has the order; of one that was placed, once. */
  async accept(stored: StoredOrder, placedId?: string): Promise<SendOutcome> {
    const eventId = placedId === undefined ? undefined : `order.accepted:${placedId}`;
    await this.#options.journal.note(stored, 'order.accepted', eventId);
    this.#options.tell(stored.order);
    return { outcome: 'accepted', order: stored.order };
  }

  /** What became of an order; one that never landed has expired from then on, where that is allowed. @throws StoreError */
  async fetch(ref: OrderRef, mayExpire = true): Promise<OrderFate> {
    const known = await this.#options.journal.get(ref.clientOrderId);
    const venue = this.#options.venues.get(ref.venue);
    if (known === undefined || venue === undefined) return { outcome: 'unknown' };
    if (isFinal(known.order.status)) return settled(known.order);
    const fate = await this.lookUp(known, venue);
    if (fate.outcome === 'absent') return { outcome: 'unknown' };
    if (fate.outcome !== 'never-landed') return fate;
    if (!mayExpire) return { outcome: 'unknown' };
    await this.#expire(known);
    return fate;
  }

  /** True when an order of a trade was asked after for so long that the trade will not send it again. */
  mayExpire({ clientOrderId, reduceOnly, tradeId }: Order): boolean {
    const nowMs = this.#options.clock.nowMs();
    const sinceMs = this.#askedSinceMs.get(clientOrderId) ?? nowMs;
    this.#askedSinceMs.set(clientOrderId, sinceMs);
    return tradeId === undefined || reduceOnly || nowMs - sinceMs >= tradePatienceMs;
  }

  /** Forgets since when orders were asked after that are not any more. */
  keepAskingOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#askedSinceMs.keys()) if (!ids.has(id)) this.#askedSinceMs.delete(id);
  }

  async #expire({ order, authorizationExpiresAtMs }: StoredOrder): Promise<void> {
    const expired: Order = { ...order, status: 'expired', updatedAtMs: this.#options.clock.nowMs() };
    const eventId = `order.canceled:${order.clientOrderId}`;
    await this.#options.journal.note({ order: expired, authorizationExpiresAtMs }, 'order.canceled', eventId);
    this.#options.tell(expired);
  }
}

const settled = (order: Order): SendOutcome =>
  order.status === 'rejected' && order.rejection !== undefined
    ? { outcome: 'rejected', rejection: order.rejection }
    : { outcome: 'accepted', order };
