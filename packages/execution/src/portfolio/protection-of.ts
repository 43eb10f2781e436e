import { Decimal, minus, type Order, type Position, type Protection, sum, toSize } from '@perpdesk/core';

const live: ReadonlySet<Order['status']> = new Set(['open', 'partially-filled', 'triggered']);

/** What is left of an order to fill. */
export const leftOf = (order: Order) => toSize(minus(order.size, order.filledSize));

type Place = Pick<Position, 'venue' | 'instrumentId' | 'direction' | 'size'>;

/** True for an order that rests at its venue, or is being executed there. */
export const isLive = (order: Order): boolean => live.has(order.status);

/** True for a live order against the position. */
export const guards = (order: Order, position: Place): boolean =>
  isLive(order) &&
  order.venue === position.venue &&
  order.instrumentId === position.instrumentId &&
  order.side === (position.direction === 'long' ? 'sell' : 'buy');

/** The stops of a position, whoever placed them. */
export const stopsOf = (position: Place, orders: readonly Order[]): readonly Order[] =>
  orders.filter((order) => order.purpose === 'stop-loss' && guards(order, position));

/** The orders that protect a position, as they rest; no more of its size than there is. */
export function protectionOf(position: Place, orders: readonly Order[]): Protection {
  const stops = stopsOf(position, orders);
  const covered = Decimal.min(position.size, sum(stops.map(leftOf)));
  const stopLoss = stops[0]?.triggerPrice;
  return {
    ...(stopLoss === undefined ? {} : { stopLoss }),
    stopSize: toSize(covered),
    takeProfits: orders.flatMap((order) =>
      order.purpose === 'take-profit' && order.triggerPrice !== undefined && guards(order, position)
        ? [{ price: order.triggerPrice, size: leftOf(order) }]
        : [],
    ),
  };
}
