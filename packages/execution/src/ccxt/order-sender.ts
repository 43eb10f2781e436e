import {
  type Clock,
  type Logger,
  type OrderIntent,
  type PlaceAllOptions,
  type PlaceOutcome,
  type Rejection,
  type Size,
  toSize,
  VenueError,
  type VenueLane,
} from '@perpdesk/core';
import type { SendOptions, SentLeg } from '../venue/venue-base.ts';
import type { AccountSession } from './account-session.ts';
import type { VenueDeadMansSwitch } from './dead-mans-switch.ts';
import { grewMeanwhile } from './grew-meanwhile.ts';
import { placeOutcome } from './outcomes.ts';
import type { TradedMarket } from './traded-markets.ts';
import type { PlacedLeg, VenueAdapter } from './venue-adapter.ts';

export interface OrderSenderOptions {
  readonly adapter: VenueAdapter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadMansSwitch: VenueDeadMansSwitch | undefined;
  /** The market an order is for. @throws ConfigError */
  readonly market: (intent: OrderIntent) => TradedMarket;
}

/** Sends authorised orders of an account and says what became of them; nothing twice. */
export class OrderSender {
  readonly #options: OrderSenderOptions;
  /** What had filled of an order that is being replaced, where the new order carries the rest alone. */
  readonly #filledBefore = new Map<string, Size>();

  constructor(options: OrderSenderOptions) {
    this.#options = options;
  }

  /** What had filled of an order that is being replaced right now, where what goes over the wire is the rest. */
  filledBefore(clientOrderId: string): Size | undefined {
    return this.#filledBefore.get(clientOrderId);
  }

  /** Sends orders of one user together; an outcome each. What it throws left nothing, or left it open. */
  async place(
    session: AccountSession,
    legs: readonly SentLeg[],
    options: PlaceAllOptions,
  ): Promise<readonly PlaceOutcome[]> {
    const { adapter, clock } = this.#options;
    const outcomes = new Array<PlaceOutcome>(legs.length);
    const going: { readonly index: number; readonly leg: PlacedLeg }[] = [];
    for (const [index, leg] of this.#legs(session, legs).entries()) {
      const rejection = await this.#prepare(session, leg);
      if (rejection === undefined) going.push({ index, leg });
      else outcomes[index] = { outcome: 'rejected', rejection };
    }
    if (options.bracket && going.length < legs.length) {
      for (const { index } of going)
        outcomes[index] = rejected('order.invalid', 'Another order of its bracket was refused.');
      return outcomes;
    }
    const [first] = going;
    if (first === undefined) return outcomes;
    const answers = await adapter.place(
      session.in(laneOf(first.leg.intent), options.signal),
      going.map(({ leg }) => leg),
      options.bracket ?? false,
    );
    for (const [place, { index, leg }] of going.entries()) {
      const answer = answers[place] ?? { kind: 'unknown' as const, reason: 'The venue left it out of its answer.' };
      if (answer.kind === 'accepted' && answer.venueOrderId !== undefined)
        session.refs.placed(leg, answer.venueOrderId);
      outcomes[index] = placeOutcome(leg, answer, clock.nowMs());
    }
    return outcomes;
  }

  /** Replaces an open order; the intent's size is the whole, what has filled included. */
  async amend(session: AccountSession, intent: OrderIntent, options: SendOptions): Promise<PlaceOutcome> {
    const { adapter, clock, logger } = this.#options;
    const market = this.#options.market(intent);
    const { signal } = options;
    const open = await session.fetchNative(intent.clientOrderId, market, { anew: !intent.reduceOnly, signal });
    if (open === undefined) return rejected('order.unknown', 'The venue has no order of this id.');
    const isOpen = open.status === 'open' || open.status === 'partially-filled';
    if (!isOpen || open.filled.times(market.unit).greaterThanOrEqualTo(intent.size))
      return rejected('order.final', `The order is ${open.status}.`);
    const [leg] = this.#legs(session, [{ intent, expiresAtMs: options.expiresAtMs }]);
    if (adapter.amend === undefined || leg === undefined)
      return rejected('order.invalid', 'It can not be amended here.');
    const filled = toSize(open.filled.times(market.unit));
    if (adapter.amendsRest) this.#filledBefore.set(intent.clientOrderId, filled);
    session.amended.add(intent.clientOrderId);
    try {
      const outcome = await adapter.amend(session.in(laneOf(intent), options.signal), leg, open);
      const answer = placeOutcome(leg, outcome, clock.nowMs());
      if (answer.outcome !== 'accepted') return answer;
      session.refs.placed(leg, answer.order.venueOrderId ?? open.venueOrderId);
      if (adapter.amendsRest && !intent.reduceOnly) {
        const excess = await grewMeanwhile({ session, intent, market, adapter, logger });
        if (excess !== undefined) return excess;
      }
      return { ...answer, order: { ...answer.order, filledSize: filled, createdAtMs: open.createdAtMs } };
    } finally {
      this.#filledBefore.delete(intent.clientOrderId);
    }
  }

  #legs(session: AccountSession, legs: readonly SentLeg[]): readonly PlacedLeg[] {
    return legs.map(({ intent, expiresAtMs }) => {
      const market = this.#options.market(intent);
      session.refs.send(intent, market);
      return { intent, market, clientId: this.#options.adapter.clientId(intent.clientOrderId), expiresAtMs };
    });
  }

  /** What has to hold before an order leaves; why it must not, where it can not be made to. */
  async #prepare(session: AccountSession, { intent, market, expiresAtMs }: PlacedLeg): Promise<Rejection | undefined> {
    const { clock, deadMansSwitch } = this.#options;
    const armed = deadMansSwitch?.isArmed(intent.userId) ?? false;
    if (armed && intent.reduceOnly && intent.triggerPrice !== undefined) await deadMansSwitch?.disarm(intent.userId);
    if (!intent.reduceOnly && intent.leverage !== undefined) {
      try {
        await session.applySetting(market, intent.leverage, intent.marginMode ?? 'isolated');
      } catch (error) {
        if (!VenueError.is(error)) throw error;
        const code = error.code === 'venue.refused' ? 'leverage.limit' : 'venue.unhealthy';
        const message = `Leverage and margin mode could not be set: ${error.message}`;
        return { code, message, limit: String(intent.leverage) };
      }
    }
    if (clock.nowMs() >= expiresAtMs) return { code: 'approval.expired', message: 'It took too long to be sent.' };
    return undefined;
  }
}

const rejected = (code: Rejection['code'], message: string): PlaceOutcome => ({
  outcome: 'rejected',
  rejection: { code, message },
});

/** What protects goes first, then what closes; new risk last. */
const laneOf = ({ reduceOnly, purpose }: OrderIntent): VenueLane =>
  !reduceOnly ? 'open' : purpose === 'stop-loss' || purpose === 'take-profit' ? 'protect' : 'close';
