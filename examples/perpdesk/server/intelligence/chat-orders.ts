import { freshMid } from '@perpdesk/agents';
import {
  type ActionOutcome,
  Decimal,
  type Instrument,
  isFinal,
  type MarketView,
  type OrderIntent,
  type Proposal,
  type ProposedAction,
  roundLimitPrice,
  toPrice,
  type User,
} from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import type { OrderDesk, Portfolio, PositionCloser, PositionGuard, VenueDirectory } from '@perpdesk/execution';
import { cameToNothing, done, late, orderOutcome, refused, rejectedOutcome } from './action-outcomes.ts';

/** What the orders of chats are sent through. */
export interface ChatOrderSetting {
  readonly venues: VenueDirectory;
  readonly marketView: MarketView;
  readonly portfolio: Pick<Portfolio, 'position' | 'openOrders'>;
  readonly orderDesk: OrderDesk;
  readonly guard: Pick<PositionGuard, 'plan' | 'forget'>;
  readonly closer: PositionCloser;
}

/** An approved action of a kind, and what it is of. */
export interface ApprovedAction<Kind extends ProposedAction['kind']> {
  readonly proposal: Proposal;
  readonly action: Extract<ProposedAction, { readonly kind: Kind }>;
  readonly user: User;
  /** False once it is too late to begin: then it is only asked what became of it. */
  readonly mayBegin: boolean;
}

/**
 * Orders that a user approved in a chat. Each has an id that derives from its proposal: whoever asks again is told what became of it, and
 * nothing is sent twice.
 */
export class ChatOrders {
  readonly #setting: ChatOrderSetting;

  constructor(setting: ChatOrderSetting) {
    this.#setting = setting;
  }

  async place({ proposal, action, user, mayBegin }: ApprovedAction<'place-order'>): Promise<ActionOutcome> {
    const { guard, orderDesk } = this.#setting;
    const { instrumentId, side, type, size, stopLoss, takeProfits } = action;
    const clientOrderId = deriveClientOrderId(proposal.id, 'entry');
    const tradeId = `chat:${proposal.id}`;
    const listing = this.#listing(action, user);
    const known = await orderDesk.find({ userId: user.id, venue: listing?.venue ?? 'paper', clientOrderId });
    if (known !== undefined) {
      const fate = await orderDesk.fetchFate(known);
      const isOver = fate.outcome === 'accepted' ? cameToNothing(fate.order) : fate.outcome !== 'unknown';
      if (isOver) await guard.forget(known, tradeId);
      return orderOutcome(fate);
    }
    if (!mayBegin) return late();
    if (listing === undefined)
      return refused('venue.none', `None of your venues that can be traded lists ${instrumentId}.`);
    const priced = this.#price(proposal, action, listing.instrument);
    if ('outcome' in priced) return priced;
    const key = { userId: user.id, venue: listing.venue, instrumentId };
    const held = this.#heldLeverage(key);
    if (held !== undefined && action.leverage !== undefined && action.leverage !== held)
      return refused(
        'leverage.held',
        `${instrumentId} is at ${held}x there already: it has one leverage at its venue.`,
      );
    const leverage = held ?? action.leverage ?? 1;
    const plan = { ...key, tradeId, traceId: tradeId, stopLoss, takeProfits: [...takeProfits], leverage };
    await guard.plan(plan);
    const sent = await orderDesk.send({
      ...{ clientOrderId, ...key, side, type, size, stopLoss, leverage, tradeId, traceId: tradeId, ...priced },
      timeInForce: type === 'market' ? 'ioc' : 'gtc',
      reduceOnly: false,
      purpose: 'entry',
      origin: 'chat',
    });
    // The plan of what may yet fill stays.
    const isNothing = sent.outcome === 'accepted' ? cameToNothing(sent.order) : sent.outcome !== 'unknown';
    if (isNothing) await guard.forget(key, tradeId);
    return orderOutcome(sent);
  }

  async close({ proposal, action, user, mayBegin }: ApprovedAction<'close-position'>): Promise<ActionOutcome> {
    const { closer, orderDesk } = this.#setting;
    const { venue, instrumentId, fraction } = action;
    const clientOrderId = deriveClientOrderId(proposal.id, 'exit');
    const known = await orderDesk.find({ userId: user.id, venue, clientOrderId });
    if (known !== undefined) return orderOutcome(await orderDesk.fetchFate(known));
    if (!mayBegin) return late();
    const request = { origin: 'chat', reason: 'manual', fraction: Number(fraction), clientOrderId } as const;
    const traceId = `chat:${proposal.id}`;
    return orderOutcome(await closer.close({ userId: user.id, venue, instrumentId }, { ...request, traceId }));
  }

  async cancel({ action, user, mayBegin }: ApprovedAction<'cancel-order'>): Promise<ActionOutcome> {
    const { orderDesk, portfolio } = this.#setting;
    const { clientOrderId } = action;
    const open = portfolio.openOrders(user.id).find((candidate) => candidate.clientOrderId === clientOrderId);
    const order = open ?? (await orderDesk.find({ userId: user.id, venue: user.venues[0] ?? 'paper', clientOrderId }));
    if (order === undefined || order.userId !== user.id)
      return refused('order.unknown', 'There is no such order of yours.');
    if (order.purpose !== 'entry')
      return refused('order.protects', 'That order protects or closes a position, and no chat takes it away.');
    if (order.status === 'canceled') return cancelled;
    if (isFinal(order.status))
      return refused('order.final', `The order is ${order.status}: there is nothing to cancel.`);
    if (!mayBegin) return late();
    const canceled = await orderDesk.cancel(order);
    if (canceled.outcome === 'accepted') return cancelled;
    if (canceled.outcome === 'unknown') return orderOutcome(canceled);
    // Over already: how, its venue knows.
    const fate = await orderDesk.fetchFate(order);
    const isCanceled = fate.outcome === 'accepted' && fate.order.status === 'canceled';
    if (isCanceled || fate.outcome === 'never-landed') return cancelled;
    return rejectedOutcome(canceled.rejection);
  }

  /** The venue that was named, else the first of the user's that lists the instrument; paper where the user has none. */
  #listing({ venue, instrumentId }: ApprovedAction<'place-order'>['action'], user: User) {
    const own = user.venues.length === 0 ? ['paper'] : user.venues;
    for (const name of venue === undefined ? own : [venue]) {
      const instrument = this.#setting.venues
        .get(name)
        ?.instruments()
        .find(({ id }) => id === instrumentId);
      if (instrument !== undefined) return { venue: name, instrument };
    }
    return undefined;
  }

  /** The price that is sent: a limit's own; of a market order the worst that is paid, as far from the mid as the price may run. */
  #price(
    { reference }: Proposal,
    { instrumentId, price, side, type }: ApprovedAction<'place-order'>['action'],
    { priceRule }: Instrument,
  ): ActionOutcome | Pick<OrderIntent, 'price'> {
    const mid = instrumentMid(this.#setting.marketView, instrumentId);
    if (reference === undefined) return refused('proposal.price', 'The price it was proposed at is not known.');
    // It was held against the price when it was approved; that may be a crash and a restart ago.
    if (mid === undefined || !(mid > 0))
      return refused('market-data.missing', 'There is no fresh price to hold the order against.');
    if (new Decimal(mid).minus(reference.price).abs().dividedBy(reference.price).greaterThan(reference.maxDrift))
      return refused('proposal.drifted', `The price has moved from ${reference.price} to ${mid}: ask for it again.`);
    if (type === 'limit')
      return price === undefined ? refused('price.missing', 'A limit order has its price.') : { price };
    const worst = new Decimal(mid).times(
      new Decimal(1).plus(side === 'buy' ? reference.maxDrift : -reference.maxDrift),
    );
    return { price: roundLimitPrice(priceRule, side, toPrice(worst)) };
  }

  /** Of an instrument that the user holds already, or is about to: it has one leverage at its venue. */
  #heldLeverage(key: { readonly userId: string } & Pick<OrderIntent, 'venue' | 'instrumentId'>): number | undefined {
    const { portfolio } = this.#setting;
    const resting = portfolio
      .openOrders(key.userId)
      .find(
        ({ venue, instrumentId, purpose }) =>
          purpose === 'entry' && venue === key.venue && instrumentId === key.instrumentId,
      );
    return portfolio.position(key)?.leverage ?? resting?.leverage;
  }
}

/** The fresh mid of the instrument itself: at another venue it may be some way off the market's reference. */
export const instrumentMid = (
  marketView: Pick<MarketView, 'ticker'>,
  instrumentId: OrderIntent['instrumentId'],
): number | undefined => freshMid({ ticker: () => marketView.ticker(instrumentId) })(instrumentId);

const cancelled = done('The order is cancelled.');
