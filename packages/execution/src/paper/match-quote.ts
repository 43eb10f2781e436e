import { Decimal, type Instrument, sizeFromNumber } from '@perpdesk/core';
import { AccountDraft, type Transition } from './account-draft.ts';
import { exactPrice, reachesLiquidation } from './account-figures.ts';
import { fillOrder } from './fill-order.ts';
import { liquidate } from './liquidate.ts';
import { fire, isTriggered, matchArrival, remember, take } from './match-order.ts';
import { isOpen, ordersOn, type PaperAccount, type PaperOrder, remainingOf, takenFrom } from './paper-account.ts';
import type { PaperContext, PaperQuote } from './paper-context.ts';

/**
 * Matches prices as they stand: liquidation by the mark first, then what has arrived since, stops (also the rest of those
 * already triggered), take profits, and resting limits that the touch has traded beyond, each in the order of placing.
 * Undefined when nothing happens.
 */
export function matchQuote(
  account: PaperAccount,
  instrument: Instrument,
  quote: PaperQuote,
  context: PaperContext,
): Transition | undefined {
  const { mark } = quote;
  const orders = ordersOn(account, instrument.id).filter((entry) => concerns(entry, quote, context.atMs));
  if (orders.length === 0 && !isExhausted(account, instrument, mark, context)) return undefined;
  const draft = new AccountDraft(account, context);
  for (const entry of orders) if (isCancelled(entry, context.atMs)) draft.endOrder(entry);
  forceOut(draft, instrument, mark);
  for (const { kinds } of rounds) {
    for (const { order } of orders) {
      const entry = draft.order(order.clientOrderId);
      if (entry === undefined || !isOpen(entry.order) || !kinds(entry)) continue;
      match(draft, instrument, entry, quote);
    }
  }
  forceOut(draft, instrument, mark);
  return draft.finish();
}

const rounds: readonly { readonly kinds: (entry: PaperOrder) => boolean }[] = [
  { kinds: ({ order, active }) => active && order.type === 'stop-market' },
  { kinds: ({ order, active }) => active && order.type === 'take-profit-market' },
  { kinds: ({ order, active }) => active && order.type === 'limit' },
  { kinds: ({ active }) => !active },
];

/** Ends what cancellations have arrived for while no price is known. Undefined when there is nothing. */
export function matchCancellations(
  account: PaperAccount,
  instrument: Instrument,
  context: PaperContext,
): Transition | undefined {
  const cancelled = ordersOn(account, instrument.id).filter((entry) => isCancelled(entry, context.atMs));
  if (cancelled.length === 0) return undefined;
  const draft = new AccountDraft(account, context);
  for (const entry of cancelled) draft.endOrder(entry);
  return draft.finish();
}

/** True when a cancellation has arrived. */
const isCancelled = ({ cancelAtMs }: PaperOrder, atMs: number): boolean =>
  cancelAtMs !== undefined && cancelAtMs <= atMs;

/** The cheap look, in floats, at whether an order may be concerned. */
function concerns(entry: PaperOrder, quote: PaperQuote, atMs: number): boolean {
  if (isCancelled(entry, atMs)) return true;
  if (!entry.active) return entry.sinceMs <= atMs;
  if (entry.triggered) return true;
  const { order } = entry;
  if (order.type === 'limit') return isThrough(order.side, Number(order.price), quote);
  return isTriggered(entry, quote.mark);
}

/** True when somebody offers at a better price than a resting limit: it would have been filled before. */
const isThrough = (side: 'buy' | 'sell', limit: number, quote: PaperQuote): boolean =>
  side === 'buy' ? quote.ask < limit : quote.bid > limit;

function match(draft: AccountDraft, instrument: Instrument, entry: PaperOrder, quote: PaperQuote): void {
  const { order } = entry;
  if (!entry.active) {
    draft.putOrder({ ...entry, active: true });
    matchArrival(draft, instrument, order.clientOrderId, quote);
  } else if (entry.triggered) take(draft, instrument, order.clientOrderId, quote);
  else if (order.type !== 'limit') fire(draft, instrument, entry, quote);
  else if (order.price !== undefined) {
    const size = Decimal.min(remainingOf(entry), sizeThrough(draft, instrument, entry, quote));
    const { clientOrderId } = order;
    const price = new Decimal(order.price);
    const after = fillOrder(draft, {
      instrument,
      clientOrderId,
      price,
      size,
      liquidity: 'maker',
      happenedAtMs: draft.context.atMs,
    });
    if (quote.book === undefined || after === undefined) return;
    remember(draft, instrument, quote.book, order.side, new Decimal(after.order.filledSize).minus(order.filledSize));
  }
}

/** How much lies beyond a limit: what the book shows there, everything where there is no book. */
function sizeThrough(draft: AccountDraft, instrument: Instrument, { order }: PaperOrder, quote: PaperQuote): Decimal {
  if (quote.book === undefined) return new Decimal(order.size);
  const buys = order.side === 'buy';
  let size = new Decimal(0);
  for (const [price, there] of buys ? quote.book.asks : quote.book.bids) {
    if (buys ? price >= Number(order.price) : price <= Number(order.price)) break;
    size = size.plus(sizeFromNumber(instrument.lotSize, there));
  }
  return Decimal.max(0, size.minus(takenFrom(draft.account, instrument.id, quote.book, order.side)));
}

function forceOut(draft: AccountDraft, instrument: Instrument, mark: number): void {
  if (isExhausted(draft.account, instrument, mark, draft.context))
    liquidate(draft, instrument, exactPrice(mark), draft.context.atMs);
}

function isExhausted(account: PaperAccount, instrument: Instrument, mark: number, context: PaperContext): boolean {
  const position = account.positions.get(instrument.id);
  return position !== undefined && reachesLiquidation(account, position, mark, context);
}
