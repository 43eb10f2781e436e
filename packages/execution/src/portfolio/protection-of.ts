import { minimum, minus, type Order, type Position, type Protection, type Size, sum, toSize } from '@perpdesk/core';

const live: ReadonlySet<Order['status']> = new Set(['open', 'partially-filled', 'triggered']);

/** Of each order, which never changes: another takes its place. */
const left = new WeakMap<Order, Size>();

/** What is left of an order to fill. */
export function leftOf(order: Order): Size {
  let size = left.get(order);
  if (size === undefined) {
    size = toSize(minus(order.size, order.filledSize));
    left.set(order, size);
  }
  return size;
}

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

/** Of each position among the orders that were asked about last. Neither changes: others take their places. */
const protections = new WeakMap<Place, { readonly orders: readonly Order[]; readonly protection: Protection }>();

/** The orders that protect a position, as they rest; no more of its size than there is. */
export function protectionOf(position: Place, orders: readonly Order[]): Protection {
  let known = protections.get(position);
  if (known?.orders !== orders) {
    known = { orders, protection: findProtection(position, orders) };
    protections.set(position, known);
  }
  return known.protection;
}

function findProtection(position: Place, orders: readonly Order[]): Protection {
  const stops = stopsOf(position, orders);
  const covered = minimum(position.size, sum(stops.map(leftOf)));
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
