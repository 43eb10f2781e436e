import {
  type CancelOutcome,
  type Clock,
  type EventBus,
  type ExecutionVenue,
  isFinal,
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
import { answerInTime } from './answer-in-time.ts';
import { isUnsettled } from './merge-order.ts';
import { OrderFates } from './order-fates.ts';
import { OrderJournal } from './order-journal.ts';
import type { StoredOrder } from './order-store.ts';
import type { LookedUp, OrderFate, OrderRef, SendOutcome } from './send-outcome.ts';

/** When the authorisation ended of a try that nobody can read of. */
const unreadable = 0;

/** Options of {@link OrderDesk}. */
export interface OrderDeskOptions {
  readonly clock: Clock;
  readonly eventBus: EventBus;
  readonly riskGate: RiskGate;
  readonly venues: VenueDirectory;
  readonly database: Database;
  /**
   * How long what lessens risk, cancellations among it, waits for a venue's answer before it goes on without: a stop must not stand behind an answer that
   * was lost. Default 1 s.
   */
  readonly exitAnswerMs?: number;
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
  readonly #exitAnswerMs: number;
  /** The tail of what is done with each order: one thing at a time. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #listeners = new Set<(order: Order) => void>();

  constructor(options: OrderDeskOptions) {
    this.#options = options;
    this.#exitAnswerMs = options.exitAnswerMs ?? 1_000;
    this.#logger = options.logger ?? silentLogger;
    this.#journal = new OrderJournal({ ...options, logger: this.#logger });
    this.#fates = new OrderFates({
      ...{ journal: this.#journal, venues: options.venues, clock: options.clock, logger: this.#logger },
      tell: (order) => this.#tell(order),
      exitAnswerMs: this.#exitAnswerMs,
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
      if (known === undefined) return this.#place(intent, venue);
      const fate = await this.#fates.settle(known, venue);
      if (fate.outcome === 'never-landed') return this.#place(intent, venue);
      // What an earlier try left open stays unresolved for all who look while it goes again.
      if (mayRepeat(fate.outcome, intent, known, venue)) return this.#place(intent, venue, 'unresolved');
      return fate.outcome === 'absent' ? { outcome: 'unknown' } : fate;
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
      const amended = venue.amend(decision.order);
      const answer = await attempt(() =>
        intent.reduceOnly ? answerInTime(this.#options.clock, this.#exitAnswerMs, amended) : amended,
      );
      if (answer.outcome === 'rejected') {
        this.#logger.warn({ clientOrderId: intent.clientOrderId, ...answer.rejection }, 'an amendment was rejected');
        return answer;
      }
      if (answer.outcome === 'accepted') return this.#fates.accept({ order: answer.order, authorizationExpiresAtMs });
      // The order rests, as it was or as it should be: what the venue shows now is gone on from.
      const order = this.#order(intent, 'intended');
      const fate = await this.#fates.lookUp({ order, authorizationExpiresAtMs }, venue);
      return fate.outcome === 'never-landed' || fate.outcome === 'absent' ? { outcome: 'unknown' } : fate;
    });
  }

  /**
   * Cancels an order; what the venue answers. Where that was lost, what the venue shows of the order: `unknown` while it
   * rests. The cancellation itself is told by the venue's update.
   */
  async cancel(ref: OrderRef): Promise<CancelOutcome> {
    const venue = this.#options.venues.get(ref.venue);
    if (venue === undefined) return { ...noVenue(ref.venue), outcome: 'rejected' };
    const asked = venue.cancel(ref.userId, ref.clientOrderId);
    const outcome = await answerInTime(this.#options.clock, this.#exitAnswerMs, asked).catch(
      (error: unknown): CancelOutcome => ({ outcome: 'unknown', reason: String(error) }),
    );
    return outcome.outcome === 'unknown' ? ((await this.#ended(ref, venue)) ?? outcome) : outcome;
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

  async #place(
    intent: OrderIntent,
    venue: ExecutionVenue,
    shownAs: 'intended' | 'unresolved' = 'intended',
  ): Promise<SendOutcome> {
    const order = this.#order(intent, 'intended');
    const kept = this.#journal.intendWithDecision(order);
    // An exit waits for no database: the gate has no transaction for it.
    const decision = await this.#options.riskGate.authorize(intent, intent.reduceOnly ? {} : { keep: kept.keep });
    if (decision.outcome === 'rejected') {
      kept.check();
      return kept.untilMs === undefined
        ? this.#refuse(intent, decision.rejection)
        : this.#takeBack({ order, authorizationExpiresAtMs: kept.untilMs }, decision.rejection);
    }
    const authorizationExpiresAtMs = decision.order.authorization.expiresAtMs;
    if (kept.untilMs === undefined || kept.untilMs < authorizationExpiresAtMs)
      await this.#journal.intend({ order, authorizationExpiresAtMs });
    this.#tell({ ...order, status: shownAs });
    const stored = { order, authorizationExpiresAtMs };
    const answer = await attempt(() => this.#inTime(intent, venue.place(decision.order), stored));
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

  /** What lessens risk does not wait for ever; an answer that comes late is taken in when it comes. */
  #inTime(intent: OrderIntent, answer: Promise<PlaceOutcome>, stored: StoredOrder): Promise<PlaceOutcome> {
    if (!intent.reduceOnly) return answer;
    return answerInTime(this.#options.clock, this.#exitAnswerMs, answer, (late) => {
      if (late.outcome === 'unknown') return;
      this.#inTurn(intent, () => this.#takeLate(stored, late)).catch((error: unknown) =>
        this.#logger.error({ error, clientOrderId: intent.clientOrderId }, 'a late answer could not be kept'),
      );
    });
  }

  async #takeLate(stored: StoredOrder, late: Exclude<PlaceOutcome, { readonly outcome: 'unknown' }>): Promise<void> {
    const { clientOrderId } = stored.order;
    const known = await this.#journal.get(clientOrderId).catch(() => undefined);
    if (known !== undefined && !isUnsettled(known.order.status)) return;
    const { authorizationExpiresAtMs } = stored;
    if (late.outcome === 'accepted') {
      await this.#fates.accept({ order: late.order, authorizationExpiresAtMs }, clientOrderId);
    } else if (late.rejection.code !== 'order.duplicate') {
      const order: Order = { ...stored.order, status: 'rejected', rejection: late.rejection };
      await this.#journal.note(
        { order, authorizationExpiresAtMs },
        'order.rejected',
        `order.rejected:${clientOrderId}`,
      );
      this.#tell(order);
    }
  }

  /** How an order has ended, by its venue; undefined while it has not, or nobody can say. */
  async #ended({ clientOrderId }: OrderRef, venue: ExecutionVenue): Promise<CancelOutcome | undefined> {
    const known = await this.#journal.get(clientOrderId).catch(() => undefined);
    // One that is on its way is found out about in its turn.
    if (known === undefined || isUnsettled(known.order.status)) return undefined;
    const fate = await this.#fates.lookUp(known, venue);
    if (fate.outcome !== 'accepted' || !isFinal(fate.order.status)) return undefined;
    if (fate.order.status === 'canceled') return { outcome: 'accepted' };
    return { outcome: 'rejected', rejection: { code: 'order.final', message: `The order is ${fate.order.status}.` } };
  }

  async #refuse(intent: OrderIntent, rejection: NonNullable<Order['rejection']>): Promise<SendOutcome> {
    await this.#journal.refused({ ...this.#order(intent, 'rejected'), rejection });
    return { outcome: 'refused', rejection };
  }

  /** Ends an order that was kept with a decision that did not hold until it could be signed. */
  async #takeBack(stored: StoredOrder, rejection: NonNullable<Order['rejection']>): Promise<SendOutcome> {
    const order: Order = { ...stored.order, status: 'rejected', rejection };
    await this.#journal.note({ ...stored, order }, 'order.rejected', `order.rejected:${order.clientOrderId}`);
    return { outcome: 'refused', rejection };
  }

  async #known(intent: OrderIntent): Promise<StoredOrder | undefined> {
    try {
      return await this.#journal.get(intent.clientOrderId);
    } catch (error) {
      if (!intent.reduceOnly) throw error;
      // Whether there was an earlier try the venue has to say.
      return { order: this.#order(intent, 'intended'), authorizationExpiresAtMs: unreadable };
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

/**
 * True when an exit goes again although it is not known what became of it: the venue does not have it; or the venue can not
 * be asked, and takes no id twice, or nobody could read whether there was an earlier try. Elsewhere it may have filled, and
 * would fill twice.
 */
const mayRepeat = (
  outcome: LookedUp['outcome'],
  { reduceOnly }: OrderIntent,
  { authorizationExpiresAtMs }: StoredOrder,
  { capabilities }: ExecutionVenue,
): boolean =>
  reduceOnly &&
  (outcome === 'absent' ||
    (outcome === 'unknown' &&
      (capabilities.clientOrderIds === 'unique-forever' || authorizationExpiresAtMs === unreadable)));

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
