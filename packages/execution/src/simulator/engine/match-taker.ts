import { Decimal } from '@perpdesk/core';
import { crossFigures, settingOf } from './account-margin.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import { type ExchangeState, type Market, markOf } from './exchange-state.ts';
import { activateChildren } from './order-groups.ts';
import { endOrder } from './order-places.ts';
import type { PriceLevel, QueueEntry } from './price-level.ts';
import { quickFigures } from './quick-figures.ts';
import { settleTrade } from './settle-trade.ts';

const zero = new Decimal(0);

/** Who takes: an account's order, or another participant with a size of their own. */
export interface Taker {
  readonly side: 'buy' | 'sell';
  /** The worst price taken, as a float for comparing only. */
  readonly limitKey: number;
  readonly order?: ExchangeOrder;
}

/**
 * Takes what rests at or through the limit, by price, then time. An account's own order in the way is cancelled and the
 * taker goes on (Hyperliquid "Self-trade prevention"); one whose account can no longer afford it is cancelled too. Returns
 * how much was taken.
 */
export function matchTaker(state: ExchangeState, market: Market, taker: Taker, size: Decimal): Decimal {
  const side = taker.side === 'buy' ? market.asks : market.bids;
  let left = size;
  for (;;) {
    const wanted = taker.order === undefined ? left : takeable(state, taker.order);
    if (wanted.isZero()) return size.minus(left);
    const level = side.best();
    if (level === undefined || !isWithin(taker, level)) return size.minus(left);
    const entry = level.front();
    if (entry === undefined) {
      side.tidy(level);
      continue;
    }
    const part = Decimal.min(wanted, offered(state, market, taker, entry));
    if (part.isZero()) continue;
    trade(state, market, taker, level, entry, part);
    side.tidy(level);
    left = left.minus(part);
  }
}

function trade(
  state: ExchangeState,
  market: Market,
  taker: Taker,
  level: PriceLevel,
  entry: QueueEntry,
  size: Decimal,
): void {
  state.bookChanged(market);
  const maker = entry.order;
  if (maker === undefined) level.takeOutside(entry, size);
  settleTrade(state, market, {
    takerSide: taker.side,
    price: level.price,
    size,
    ...(taker.order === undefined ? {} : { taker: taker.order }),
    ...(maker === undefined ? {} : { maker }),
  });
}

const isWithin = ({ side, limitKey }: Taker, { key }: PriceLevel): boolean =>
  side === 'buy' ? key <= limitKey : key >= limitKey;

/** How much an order may fill now: a reduce-only one no more than the position. */
export function takeable(state: ExchangeState, order: ExchangeOrder): Decimal {
  if (!order.isOpen) return zero;
  if (!order.given.reduceOnly) return order.remaining;
  const position = state.accountOf(order).positions.get(order.given.coin);
  if (position === undefined || position.isLong === order.buys) return zero;
  return Decimal.min(order.remaining, position.size);
}

/** What the front of the queue gives; an order that can not stand is cancelled, and gives nothing. */
function offered(state: ExchangeState, market: Market, taker: Taker, { order, size }: QueueEntry): Decimal {
  if (order === undefined) return size;
  if (order.account === taker.order?.account) {
    endOrder(state, order, 'selfTradeCanceled');
    return zero;
  }
  const room = takeable(state, order);
  if (room.isZero()) {
    endOrder(state, order, 'reduceOnlyCanceled');
    return zero;
  }
  if (isAffordable(state, market, order)) return room;
  if (!order.filledSize.isZero()) activateChildren(state, order);
  endOrder(state, order, 'marginCanceled');
  return zero;
}

/** True while the account can hold what a resting order would open, its other orders left out. */
function isAffordable(state: ExchangeState, market: Market, order: ExchangeOrder): boolean {
  if (order.given.reduceOnly) return true;
  const account = state.accountOf(order);
  const { leverage } = settingOf(account, market);
  const quick = quickFigures(state, account);
  const most = (order.remaining.toNumber() * order.key) / leverage;
  if (quick.value - quick.initialMargin - most > quick.slack + most * 1e-9) return true;
  const signed = account.signedSize(order.given.coin);
  const against = order.buys ? signed.negated() : signed;
  const opening = against.isPositive() ? order.remaining.minus(against) : order.remaining;
  if (opening.lessThanOrEqualTo(0)) return true;
  const { value, initialMargin } = crossFigures(state, account);
  // What lessens the position first gives its margin back.
  const released = against.isPositive() && !against.isZero() ? releasedMargin(state, order) : zero;
  const needed = opening.times(order.price).dividedBy(leverage);
  return value.minus(initialMargin).plus(released).greaterThanOrEqualTo(needed);
}

function releasedMargin(state: ExchangeState, order: ExchangeOrder): Decimal {
  const account = state.accountOf(order);
  const market = state.marketOf(order.given.coin);
  const position = account.positions.get(order.given.coin);
  if (position === undefined) return zero;
  if (position.marginMode === 'isolated') return position.margin;
  return position.size.times(markOf(market, position)).dividedBy(settingOf(account, market).leverage);
}
