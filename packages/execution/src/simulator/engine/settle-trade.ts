import type { Decimal, Price, Size } from '@perpdesk/core';
import { bookFill } from './book-fill.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import type { ExchangeState, Market } from './exchange-state.ts';
import { followPosition } from './follow-position.ts';
import { activateChildren, endSiblings } from './order-groups.ts';
import { endOrder, expose, say } from './order-places.ts';

/** One trade between a taker and a maker; a side without an order is another participant's. */
export interface Trade {
  readonly takerSide: 'buy' | 'sell';
  readonly price: Decimal;
  readonly size: Decimal;
  readonly taker?: ExchangeOrder;
  readonly maker?: ExchangeOrder;
}

/** Books a trade on both sides and tells it: fills first, then what became of the orders and of what hangs on them. */
export function settleTrade(state: ExchangeState, market: Market, trade: Trade): void {
  const tradeId = state.nextTradeId();
  const { takerSide, price, size, taker, maker } = trade;
  const makerSide = takerSide === 'buy' ? 'sell' : 'buy';
  for (const [order, side] of [
    [taker, takerSide],
    [maker, makerSide],
  ] as const) {
    if (order === undefined) bookOutside(state, market, side, price, size);
    else fillOrder(state, market, order, { tradeId, side, price, size, crossed: order === taker });
  }
  tellTrade(state, market, trade, tradeId);
  for (const order of [taker, maker]) if (order !== undefined) afterFill(state, market, order);
}

function fillOrder(
  state: ExchangeState,
  market: Market,
  order: ExchangeOrder,
  terms: {
    readonly tradeId: number;
    readonly side: 'buy' | 'sell';
    readonly price: Decimal;
    readonly size: Decimal;
    readonly crossed: boolean;
  },
): void {
  const account = state.accountOf(order);
  const { clientOrderId } = order.given;
  if (order.place === 'book') expose(account, order, -1, terms.size);
  order.fill(terms.size, terms.price);
  bookFill(state, account, market, {
    ...terms,
    orderId: order.orderId,
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    ...(order.liquidation === undefined ? {} : { liquidation: order.liquidation, isFree: true }),
  });
}

function afterFill(state: ExchangeState, market: Market, order: ExchangeOrder): void {
  if (order.remaining.isZero()) {
    endOrder(state, order, 'filled');
    activateChildren(state, order);
    endSiblings(state, order);
  } else if (order.place === 'book') say(state, order, order.status);
  followPosition(state, state.accountOf(order), market);
}

/** The other participants' side of a trade: they pay no fee and are never short of margin. */
export function bookOutside(
  state: ExchangeState,
  market: Market,
  side: 'buy' | 'sell',
  price: Decimal,
  size: Decimal,
): void {
  const { outside } = state;
  const { coin } = market.listed;
  const signed = side === 'buy' ? size : size.negated();
  outside.cash = outside.cash.minus(price.times(signed));
  const held = outside.positions.get(coin);
  outside.positions.set(coin, held === undefined ? signed : held.plus(signed));
}

/** Tells a trade to whoever listens to the tape. */
export function tellTrade(
  state: ExchangeState,
  market: Market,
  { takerSide, price, size }: Pick<Trade, 'takerSide' | 'price' | 'size'>,
  tradeId: number,
): void {
  if (!state.isHeard) return;
  state.tell({
    kind: 'trade',
    coin: market.listed.coin,
    side: takerSide,
    price: price.toFixed() as Price,
    size: size.toFixed() as Size,
    tradeId,
    atMs: state.atMs,
  });
}
