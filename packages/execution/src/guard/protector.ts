import {
  type Clock,
  compare,
  type Instrument,
  isZero,
  type Logger,
  type Order,
  type OrderIntent,
  type Position,
  plus,
  type Size,
  zeroSize,
} from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import { isUnsettled } from '../orders/merge-order.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import type { SendOutcome } from '../orders/send-outcome.ts';
import type { Holding, Portfolio } from '../portfolio/portfolio.ts';
import { isLive, leftOf, stopsOf } from '../portfolio/protection-of.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { followTrail, tighterStop } from './follow-exits.ts';
import type { GuardBook } from './guard-book.ts';
import type { PositionKey, Slot, Standing } from './guard-store.ts';
import { type ProtectiveOrder, protectiveOrders, uncoveredSize } from './protection-plan.ts';
import { isAdopted, standingOf, withPlannedSize } from './standing-of.ts';

/** Options of {@link Protector}. */
export interface ProtectorOptions {
  readonly orderDesk: OrderDesk;
  readonly portfolio: Portfolio;
  readonly venues: VenueDirectory;
  readonly book: GuardBook;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Brings the protective orders that rest for a position to what its plan asks for, never with less cover on the way. */
export class Protector {
  readonly #options: ProtectorOptions;
  /** How often each stop of unknown outcome was tried again. */
  readonly #tries = new Map<string, number>();

  constructor(options: ProtectorOptions) {
    this.#options = options;
  }

  /**
   * False when it has to be done again: the position's instrument is not listed, or its stop could not be laid, which comes
   * before everything else. `toCover`: how much of it there is to cover, where its fills are ahead of the venue's word.
   */
  async protect(key: PositionKey, holding: Holding, toCover: Size = holding.position.size): Promise<boolean> {
    const { book, venues } = this.#options;
    const venue = venues.get(key.venue);
    const instrument = venue?.instruments().find((candidate) => candidate.id === key.instrumentId);
    if (venue === undefined || instrument === undefined) return false;
    const before = standingOf(book.row(key), holding, instrument);
    if (isAdopted(before) && this.#isCoveredByOthers(holding.position)) {
      await book.stand(key, before);
      return true;
    }
    const sent = await this.#sent(key, before);
    const taken = takenOf(before, sent);
    const standing = this.#follow(withPlannedSize(before, holding), holding, instrument);
    await book.stand(key, standing);
    const stopLoss = tighterStop(holding.position.direction, standing.plan.stopLoss, standing.trail?.stopLoss);
    const wanted = protectiveOrders(
      { size: holding.position.size, filled: holding.filled },
      { ...standing.plan, stopLoss, plannedSize: standing.plannedSize },
      instrument,
      taken,
    );
    // A stop that has fired is on its way with the position: what its fills have left is covered.
    if (!this.#isCovered(holding.position) && this.#isCovered({ ...holding.position, size: toCover })) return false;
    for (const order of wanted) {
      await this.#bring(key, holding.position, order, sent.get(order.slot), venue.capabilities.amend);
      // What the venue takes at all is for the stop: targets wait until it covers the position.
      if (order.slot === 'stop' && !this.#isCovered(holding.position)) return false;
    }
    await this.#cancelSurplus(key, wanted);
    return true;
  }

  /** Cancels what protected a position that is gone. */
  async clear(key: PositionKey): Promise<void> {
    const { book, orderDesk } = this.#options;
    for (const order of this.#resting(key)) await orderDesk.cancel(order);
    const last = book.row(key).standing?.slots.stop;
    if (last !== undefined) this.#tries.delete(last.clientOrderId);
    await book.stand(key, undefined);
  }

  /** Moves the stop by the plan's exit rules. A mark that is not of now moves nothing. */
  #follow(standing: Standing, { fresh, position }: Holding, instrument: Instrument): Standing {
    const { exits: rules, stopLoss } = standing.plan;
    if (rules === undefined || !fresh) return standing;
    const nowMs = this.#options.clock.nowMs();
    const { trail } = standing;
    const next = followTrail({ rules, position, stopLoss, trail, instrument, nowMs });
    return next === trail ? standing : { ...standing, trail: next };
  }

  async #bring(
    key: PositionKey,
    position: Position,
    wanted: ProtectiveOrder,
    order: Order | undefined,
    canAmend: boolean,
  ): Promise<void> {
    const rests = order !== undefined && isLive(order);
    if (rests && (order.status === 'triggered' || isAsWanted(order, wanted))) return;
    if (rests && canAmend) {
      const size = plus(wanted.size, order.filledSize);
      const amended = await this.#options.orderDesk.amend(
        this.#intent(key, position, { ...wanted, size }, order.clientOrderId),
      );
      if (amended.outcome === 'accepted' || amended.outcome === 'unknown') return;
      // It is being executed: there is nothing left to change. Or nothing is taken now, a new order no more than a change.
      if (amended.rejection.code === 'order.final' || amended.rejection.code === 'order.throttled') return;
    }
    const clientOrderId = await this.#nextId(key, wanted.slot, order);
    const outcome = await this.#options.orderDesk.send(this.#intent(key, position, wanted, clientOrderId));
    this.#log(key, wanted, outcome);
    if (outcome.outcome === 'rejected' && outcome.rejection.code === 'reduce-only.violated')
      this.#options.portfolio.refute(key);
    // The new order rests before the old one goes.
    if (rests && outcome.outcome === 'accepted') await this.#options.orderDesk.cancel(order);
  }

  /** The id an order of a slot is sent under: a new one for each that has been at the venue. */
  async #nextId(key: PositionKey, slot: string, order: Order | undefined): Promise<string> {
    const { book } = this.#options;
    const { standing } = book.row(key);
    const last = standing?.slots[slot];
    if (standing === undefined) throw new TypeError('A position that is protected has its protection kept.');
    const isOpenQuestion = last !== undefined && (order === undefined || isUnsettled(order.status));
    if (isOpenQuestion && !this.#mayLayBeside(key, slot, standing)) return last.clientOrderId;
    const attempt = (last?.attempt ?? -1) + 1;
    const next: Slot = {
      clientOrderId: slotOrderId(standing, slot, attempt),
      attempt,
      filledBefore: plus(last?.filledBefore ?? zeroSize, order?.filledSize ?? zeroSize),
    };
    await book.stand(key, { ...standing, slots: { ...standing.slots, [slot]: next } });
    return next.clientOrderId;
  }

  /**
   * True when a stop is laid beside one of which nobody can say whether it rests, though it was asked after and sent again:
   * cover can not wait for the answer, and two reduce-only stops close no more than the position. One beside it, not more; the
   * one too many goes once it is known.
   */
  #mayLayBeside(key: PositionKey, slot: string, standing: Standing): boolean {
    const last = standing.slots[slot];
    if (slot !== 'stop' || last === undefined) return false;
    const tries = (this.#tries.get(last.clientOrderId) ?? 0) + 1;
    this.#tries.set(last.clientOrderId, tries);
    if (tries <= triesOfOneId) return false;
    const clientOrderId = slotOrderId(standing, slot, last.attempt - 1);
    const before = last.attempt === 0 ? undefined : this.#options.portfolio.order({ ...key, clientOrderId });
    if (before !== undefined && isUnsettled(before.status)) return false;
    this.#tries.delete(last.clientOrderId);
    return true;
  }

  /** Cancels protective orders of ours that no slot is behind; a stop only while the wanted one stands. */
  async #cancelSurplus(key: PositionKey, wanted: readonly ProtectiveOrder[]): Promise<void> {
    const { book, orderDesk, portfolio } = this.#options;
    const slots = book.row(key).standing?.slots ?? {};
    const current = new Set(wanted.map(({ slot }) => slots[slot]?.clientOrderId));
    const position = portfolio.position(key);
    const resting = this.#resting(key);
    const stop = resting.find((order) => order.clientOrderId === slots.stop?.clientOrderId);
    const stands = position !== undefined && stop !== undefined && isZero(uncoveredSize(position, [stop]));
    for (const order of resting) {
      if (current.has(order.clientOrderId) || order.origin !== 'guard') continue;
      if (stands || order.purpose === 'take-profit') await orderDesk.cancel(order);
    }
  }

  #isCovered(position: Position): boolean {
    return isZero(uncoveredSize(position, this.#options.portfolio.openOrders(position.userId)));
  }

  #isCoveredByOthers(position: Position): boolean {
    const stops = stopsOf(position, this.#options.portfolio.openOrders(position.userId));
    return isZero(
      uncoveredSize(
        position,
        stops.filter((order) => order.origin !== 'guard'),
      ),
    );
  }

  /** The order last sent for each slot, as it is known. */
  async #sent({ userId, venue }: PositionKey, { slots }: Standing): Promise<ReadonlyMap<string, Order>> {
    const sent = new Map<string, Order>();
    for (const [slot, { clientOrderId }] of Object.entries(slots)) {
      const ref = { userId, venue, clientOrderId };
      const order = this.#options.portfolio.order(ref) ?? (await this.#options.orderDesk.find(ref));
      if (order !== undefined) sent.set(slot, order);
    }
    return sent;
  }

  #resting({ userId, venue, instrumentId }: PositionKey): readonly Order[] {
    return this.#options.portfolio
      .openOrders(userId)
      .filter((order) => order.venue === venue && order.instrumentId === instrumentId && isProtective(order));
  }

  #intent(key: PositionKey, position: Position, wanted: ProtectiveOrder, clientOrderId: string): OrderIntent {
    const plan = this.#options.book.row(key).standing?.plan;
    return {
      clientOrderId,
      userId: key.userId,
      venue: key.venue,
      instrumentId: key.instrumentId,
      side: position.direction === 'long' ? 'sell' : 'buy',
      type: wanted.type,
      size: wanted.size,
      triggerPrice: wanted.triggerPrice,
      timeInForce: 'gtc',
      reduceOnly: true,
      purpose: wanted.purpose,
      origin: 'guard',
      ...(plan === undefined ? {} : { traceId: plan.traceId, tradeId: plan.tradeId }),
    };
  }

  #log(key: PositionKey, { slot }: ProtectiveOrder, outcome: SendOutcome): void {
    if (outcome.outcome !== 'accepted')
      this.#options.logger.warn({ ...key, ...outcome, slot }, 'a protective order was not accepted');
  }
}

/** How often an order whose outcome is not known is tried again under its id before another is laid beside it. */
const triesOfOneId = 1;

const slotOrderId = ({ number, plan }: Standing, slot: string, attempt: number): string =>
  deriveClientOrderId(plan.tradeId, `${slot}:${number}:${attempt}`);

const isProtective = ({ purpose }: Order): boolean => purpose === 'stop-loss' || purpose === 'take-profit';

const isAsWanted = (order: Order, wanted: ProtectiveOrder): boolean =>
  compare(leftOf(order), wanted.size) === 0 && order.triggerPrice === wanted.triggerPrice;

/** What was filled at each target so far. */
function takenOf({ slots }: Standing, sent: ReadonlyMap<string, Order>): ReadonlyMap<string, Size> {
  return new Map(
    Object.entries(slots)
      .filter(([slot]) => slot !== 'stop')
      .map(([slot, { filledBefore }]) => [slot, plus(filledBefore, sent.get(slot)?.filledSize ?? zeroSize)]),
  );
}
