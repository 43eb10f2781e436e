import type { ExchangeAccount } from './exchange-account.ts';
import type { ExchangeState, Market } from './exchange-state.ts';
import { endOrder, say } from './order-places.ts';

/**
 * Fits what rests to lessen a position to what is left of it: an order in the book shrinks to the position, one bound to the
 * position goes with its size, and everything reduce-only that the position has gone from under is cancelled, stops and
 * take profits included. A stop that was placed before there was a position goes on waiting for one.
 */
export function followPosition(state: ExchangeState, account: ExchangeAccount, market: Market): void {
  const { coin } = market.listed;
  for (const order of account.reducers) {
    if (order.given.coin !== coin || order.place === 'parent' || order.place === 'new') continue;
    const position = account.positions.get(coin);
    if (position === undefined || position.isLong === order.buys) {
      if (order.place === 'book' || order.sawPosition) endOrder(state, order, 'reduceOnlyCanceled');
      continue;
    }
    order.sawPosition = true;
    if (order.isPositionTpsl && order.place === 'trigger') {
      order.remaining = position.size;
      order.changed();
    } else if (order.place === 'book' && order.remaining.greaterThan(position.size)) {
      order.remaining = position.size;
      say(state, order, order.status);
      state.bookChanged(market);
    }
  }
}
