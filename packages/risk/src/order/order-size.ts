import { type BookLevel, marketOf, type Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { fromFloat } from '../decision/usable-quote.ts';
import { exact } from '../exact/exact.ts';
import { notionalPrice, quoteOf } from './entry-order.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** Largest notional and size of one order; what takes liquidity is held against what the book shows within the collar. */
export const orderSize: OrderControl<EntryInput> = {
  name: 'order-size',
  check: (input) => notionalRefused(input) ?? sizeRefused(input) ?? depthRefused(input),
};

function notionalRefused(input: EntryInput): Rejection | undefined {
  const actual = notionalPrice(input)?.times(input.intent.size);
  if (actual === undefined)
    return refusal('market-data.missing', 'There is no price to reckon with.', 'a price', 'none');
  for (const limit of [input.limits.maxOrderNotional, input.operator.maxOrderNotional]) {
    if (limit !== undefined && !actual.lessThanOrEqualTo(limit)) {
      return refusal('order-notional.limit', 'The order is larger than one order may be.', limit, actual);
    }
  }
  return undefined;
}

function sizeRefused({ intent, orderLimits }: EntryInput): Rejection | undefined {
  const limit = orderLimits.maxOrderSize[marketOf(intent.instrumentId)];
  return limit !== undefined && exact(intent.size).greaterThan(limit)
    ? refusal('order-size.limit', 'The order is larger than one order of this market may be.', limit, intent.size)
    : undefined;
}

/** Where a venue gives no book there is nothing to hold it against; a book that is not fresh is no knowledge. */
function depthRefused(input: EntryInput): Rejection | undefined {
  const { book, intent, orderLimits } = input;
  const quote = quoteOf(input);
  if (book === undefined || quote === undefined || !takes(input)) return undefined;
  if (book.quality !== 'fresh')
    return refusal('market-data.stale', `The order book is ${book.quality}.`, 'fresh', book.quality);
  const buys = intent.side === 'buy';
  const collar = exact(orderLimits.priceCollar);
  const edge = quote.mark.times(buys ? collar.plus(1) : exact(1).minus(collar));
  const within = ([price]: BookLevel): boolean =>
    buys ? edge.greaterThanOrEqualTo(price) : edge.lessThanOrEqualTo(price);
  let visible = exact(0);
  for (const level of (buys ? book.value.asks : book.value.bids).filter(within))
    visible = visible.plus(fromFloat(level[1]));
  const limit = visible.times(orderLimits.depthShare);
  return limit.greaterThanOrEqualTo(intent.size)
    ? undefined
    : refusal('depth.limit', 'The order is larger than the book is deep.', limit, intent.size);
}

function takes(input: EntryInput): boolean {
  const { intent } = input;
  const quote = quoteOf(input);
  if (intent.type !== 'limit' || intent.price === undefined || quote === undefined) return intent.type === 'market';
  return intent.side === 'buy'
    ? quote.ask.lessThanOrEqualTo(intent.price)
    : quote.bid.greaterThanOrEqualTo(intent.price);
}
