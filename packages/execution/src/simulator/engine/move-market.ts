import { Decimal, type Price, type Size } from '@perpdesk/core';
import { isReached } from '../../matching/trigger-side.ts';
import type { BookSide } from './book-side.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import { type ExchangeState, type Market, moveMark } from './exchange-state.ts';
import { matchTaker } from './match-taker.ts';
import { endOrder } from './order-places.ts';
import { fireTrigger } from './place-orders.ts';
import { tellTrade } from './settle-trade.ts';

const zero = new Decimal(0);

/** Levels of other participants: price and size. */
export type OutsideLevels = readonly (readonly [Price, Size])[];

/** Replaces what other participants rest, then matches what crosses. Without a mark so far, the middle becomes it. */
export function setOutsideBook(state: ExchangeState, market: Market, bids: OutsideLevels, asks: OutsideLevels): void {
  market.bids.setOutside(bids.map(read));
  market.asks.setOutside(asks.map(read));
  state.bookChanged(market);
  uncross(state, market);
  const bid = market.bids.best();
  const ask = market.asks.best();
  if (market.mark !== undefined || bid === undefined || ask === undefined) return;
  const middle = bid.price.plus(ask.price).dividedBy(2);
  moveMark(market, middle, middle);
}

const read = ([price, size]: readonly [Price, Size]): readonly [Decimal, Decimal] => [
  new Decimal(price),
  new Decimal(size),
];

/**
 * Trades what crosses, front against front: other participants who now reach an account's order take it at its own price;
 * where both sides are others', nothing but their sizes changes.
 */
function uncross(state: ExchangeState, market: Market): void {
  const { bids, asks } = market;
  for (;;) {
    const bid = bids.best();
    const ask = asks.best();
    if (bid === undefined || ask === undefined || bid.key < ask.key) return;
    const buyer = bid.front();
    const seller = ask.front();
    if (buyer === undefined || seller === undefined) {
      bids.tidy(bid);
      asks.tidy(ask);
      continue;
    }
    const maker = buyer.order ?? seller.order;
    if (maker === undefined) {
      const size = Decimal.min(buyer.size, seller.size);
      bid.takeOutside(buyer, size);
      ask.takeOutside(seller, size);
    } else if (buyer.order !== undefined && seller.order !== undefined) {
      // Accounts' orders met when the later one was placed; what still stands opposite was left by rounding or a refusal.
      endOrder(state, buyer.order.orderId > seller.order.orderId ? buyer.order : seller.order, 'canceled');
    } else {
      const [level, entry] = maker === buyer.order ? ([ask, seller] as const) : ([bid, buyer] as const);
      const takerSide = maker === buyer.order ? 'sell' : 'buy';
      const taken = matchTaker(state, market, { side: takerSide, limitKey: maker.key }, entry.size);
      if (!taken.isZero() && level.queue.has(entry.id)) level.takeOutside(entry, taken);
    }
    bids.tidy(bid);
    asks.tidy(ask);
  }
}

/** Another participant takes what rests at or through a price; what of the tape no account was part of is told as one trade. */
export function takeOutside(
  state: ExchangeState,
  market: Market,
  side: 'buy' | 'sell',
  price: Decimal,
  size: Decimal,
): void {
  state.bookChanged(market);
  const limitKey = price.toNumber();
  const resting: BookSide = side === 'buy' ? market.asks : market.bids;
  let left = size;
  let beside = zero;
  for (;;) {
    const level = resting.best();
    const entry = level?.front();
    if (level === undefined || entry === undefined || left.isZero()) break;
    if (side === 'buy' ? level.key > limitKey : level.key < limitKey) break;
    if (entry.order === undefined) {
      const part = Decimal.min(left, entry.size);
      level.takeOutside(entry, part);
      resting.tidy(level);
      left = left.minus(part);
      beside = beside.plus(part);
      continue;
    }
    const { remaining } = entry.order;
    left = left.minus(matchTaker(state, market, { side, limitKey: level.key }, Decimal.min(left, remaining)));
  }
  beside = beside.plus(left);
  if (!beside.isZero()) tellTrade(state, market, { takerSide: side, price, size: beside }, state.nextTradeId());
}

/** Fires the stops and take profits that the mark has reached, oldest first. */
export function fireReached(state: ExchangeState, market: Market, waiting: Iterable<ExchangeOrder>): void {
  const { mark } = market;
  if (mark === undefined) return;
  for (const order of [...waiting]) {
    if (order.place !== 'trigger' || order.triggerPrice === undefined) continue;
    if (isReached(order.firesOnFall, order.triggerPrice, mark)) fireTrigger(state, order);
  }
}
