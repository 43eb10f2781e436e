import { Decimal, type Instrument, type Rejection } from '@perpdesk/core';
import { firesOnFall } from '../matching/trigger-side.ts';
import type { AccountDraft } from './account-draft.ts';
import { accountFigures, exactPrice, openingCost, openingSize, reachesTrigger } from './account-figures.ts';
import { fillOrder } from './fill-order.ts';
import { isOpen, type PaperOrder, remainingOf, takenFrom } from './paper-account.ts';
import type { PaperQuote } from './paper-context.ts';
import { takerSlices } from './taker-slices.ts';

/** Matches an order that has just arrived, or that was amended, against prices as they stand. */
export function matchArrival(
  draft: AccountDraft,
  instrument: Instrument,
  clientOrderId: string,
  quote: PaperQuote,
): void {
  const entry = draft.order(clientOrderId);
  if (entry === undefined || !isOpen(entry.order)) return;
  const { order } = entry;
  if (order.type === 'stop-market' || order.type === 'take-profit-market') {
    if (isTriggered(entry, quote.mark)) fire(draft, instrument, entry, quote);
    return;
  }
  const limit = order.price === undefined ? undefined : new Decimal(order.price);
  if (order.timeInForce === 'post-only' && limit !== undefined && crosses(order.side, limit, quote)) {
    draft.endOrder(entry, wouldTake(order.price));
    return;
  }
  take(draft, instrument, clientOrderId, quote, limit);
  const rest = draft.order(clientOrderId);
  if (rest !== undefined && isOpen(rest.order) && (order.type === 'market' || order.timeInForce === 'ioc'))
    draft.endOrder(rest);
}

/** What a post-only order that would take is refused or cancelled with. */
export const wouldTake = (price: string | undefined): Rejection => ({
  code: 'price.invalid',
  message: 'A post-only order must not cross the touch.',
  ...(price === undefined ? {} : { actual: price }),
});

/** True when a limit would trade at once. */
export const crosses = (side: 'buy' | 'sell', limit: Decimal, quote: PaperQuote): boolean =>
  side === 'buy' ? limit.greaterThanOrEqualTo(exactPrice(quote.ask)) : limit.lessThanOrEqualTo(exactPrice(quote.bid));

/** True when a mark has reached the trigger: stops are hit by a price moving against them, take profits by one moving for them. */
export function isTriggered({ order }: PaperOrder, mark: number): boolean {
  return order.triggerPrice !== undefined && reachesTrigger(firesBelow(order), order.triggerPrice, mark);
}

/** True when a stop or take profit fires as the price falls to its trigger. */
export const firesBelow = ({ type, side }: Pick<PaperOrder['order'], 'type' | 'side'>): boolean =>
  firesOnFall(type === 'stop-market' ? 'stop-loss' : 'take-profit', side);

/** Triggers a stop or take profit and takes what there is; what is left stays triggered and takes on with the next prices. */
export function fire(draft: AccountDraft, instrument: Instrument, entry: PaperOrder, quote: PaperQuote): void {
  const fired = trigger(draft, instrument, entry, exactPrice(entry.order.side === 'buy' ? quote.ask : quote.bid));
  if (fired !== undefined) take(draft, instrument, fired.order.clientOrderId, quote);
}

/** Marks an order as triggered; cancels it instead when it would open what the account can not hold. */
export function trigger(
  draft: AccountDraft,
  instrument: Instrument,
  entry: PaperOrder,
  price: Decimal,
): PaperOrder | undefined {
  if (entry.triggered) return entry;
  if (!entry.order.reduceOnly) {
    const rejection = lacksMargin(draft, instrument, entry, price);
    if (rejection !== undefined) {
      draft.endOrder(entry, rejection);
      return undefined;
    }
  }
  return draft.putOrder({
    ...entry,
    active: true,
    triggered: true,
    order: { ...entry.order, status: 'triggered', updatedAtMs: draft.context.atMs },
  });
}

function lacksMargin(
  draft: AccountDraft,
  instrument: Instrument,
  entry: PaperOrder,
  price: Decimal,
): Rejection | undefined {
  const { account, context } = draft;
  const { order } = entry;
  // The order's own reserve is in the used margin: it is compared without itself.
  const orders = new Map(account.orders);
  orders.delete(order.clientOrderId);
  const available = accountFigures({ ...account, orders }, context).availableMargin;
  const required = openingCost({
    size: openingSize(account, order.side, order.instrumentId, remainingOf(entry)),
    price,
    leverage: order.leverage ?? 1,
    takerFeeRate: new Decimal(instrument.takerFeeRate),
  });
  return required.greaterThan(available) ? marginRejection(required, available) : undefined;
}

/** The refusal of an order that needs more margin than is free. */
export const marginRejection = (required: Decimal, available: Decimal): Rejection => ({
  code: 'margin.insufficient',
  message: 'The account has not the margin for this order.',
  limit: available.toFixed(),
  actual: required.toFixed(),
});

/** Takes what prices give, as a taker, and remembers what it took of a book. */
export function take(
  draft: AccountDraft,
  instrument: Instrument,
  clientOrderId: string,
  quote: PaperQuote,
  limit?: Decimal,
): void {
  const entry = draft.order(clientOrderId);
  if (entry === undefined || !isOpen(entry.order)) return;
  const { side } = entry.order;
  const slices = takerSlices({
    side,
    size: remainingOf(entry),
    ...(limit === undefined ? {} : { limit }),
    quote,
    instrument,
    slippage: draft.context.rules.slippage,
    taken: takenFrom(draft.account, instrument.id, quote.book, side),
  });
  for (const slice of slices) {
    const filledBefore = new Decimal(draft.order(clientOrderId)?.order.filledSize ?? 0);
    const after = fillOrder(draft, {
      instrument,
      clientOrderId,
      ...slice,
      liquidity: 'taker',
      happenedAtMs: draft.context.atMs,
    });
    if (quote.book !== undefined) {
      const part = new Decimal(after?.order.filledSize ?? 0).minus(filledBefore);
      remember(draft, instrument, quote.book, side, part);
    }
    if (after === undefined || !isOpen(after.order)) return;
  }
}

/** Notes what was taken from a book, so that it is not taken again before the book changes. */
export function remember(
  draft: AccountDraft,
  instrument: Instrument,
  book: object,
  side: 'buy' | 'sell',
  size: Decimal,
): void {
  const { account } = draft;
  const now = {
    buy: takenFrom(account, instrument.id, book, 'buy'),
    sell: takenFrom(account, instrument.id, book, 'sell'),
  };
  const taken = new Map(account.taken).set(instrument.id, { book, ...now, [side]: now[side].plus(size) });
  draft.change({ taken });
}
