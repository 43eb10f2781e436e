import type { ExchangeAccount } from './exchange-account.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import type { ExchangeState, Market } from './exchange-state.ts';

/** Keeps a new order under its number and its client order id, and tells it. */
export function register(state: ExchangeState, order: ExchangeOrder): void {
  const account = state.accountOf(order);
  const { clientOrderId } = order.given;
  state.orders.set(order.orderId, order);
  account.orders.push(order);
  if (order.isOpen) {
    account.open.set(order.orderId, order);
    if (order.given.reduceOnly) account.reducers.add(order);
  }
  if (clientOrderId === undefined) return;
  // A refused order does not hide one that was taken on under the same id.
  if (order.isOpen || !account.byClientId.has(clientOrderId)) account.byClientId.set(clientOrderId, order);
}

/** Puts what is left of an order at the back of the queue at its price. */
export function rest(state: ExchangeState, market: Market, order: ExchangeOrder): void {
  order.place = 'book';
  order.changed();
  (order.buys ? market.bids : market.asks).add(order);
  expose(state.accountOf(order), order, 1);
  state.bookChanged(market);
}

/** Lets a stop or take profit wait for the mark. */
export function arm(market: Market, order: ExchangeOrder): void {
  order.place = 'trigger';
  order.changed();
  market.triggers.add(order);
  market.armed.push(order);
}

/** Takes an order from where it waits; it stays open. */
export function unplace(state: ExchangeState, order: ExchangeOrder): void {
  const market = state.marketOf(order.given.coin);
  if (order.place === 'book') {
    (order.buys ? market.bids : market.asks).remove(order);
    expose(state.accountOf(order), order, -1);
    state.bookChanged(market);
  } else if (order.place === 'trigger') market.triggers.delete(order);
  order.place = 'new';
  order.changed();
}

/** Adds what an order in the book would open to its account's exposure, or takes it away. */
export function expose(account: ExchangeAccount, order: ExchangeOrder, sign: 1 | -1, size = order.remaining): void {
  if (order.given.reduceOnly) return;
  const side = account.exposureOn(order.given.coin)[order.given.side];
  const signed = sign === 1 ? size : size.negated();
  side.size = side.size.plus(signed);
  side.notional = side.notional.plus(signed.times(order.price));
}

/** Ends an order in the venue's words, and with it, unless it was filled, the children that wait for it. */
export function endOrder(state: ExchangeState, order: ExchangeOrder, status: string): void {
  if (!order.isOpen) return;
  unplace(state, order);
  const account = state.accountOf(order);
  order.place = 'ended';
  account.open.delete(order.orderId);
  account.reducers.delete(order);
  say(state, order, status);
  if (status === 'filled') return;
  for (const child of order.children) if (child.place === 'parent') endOrder(state, child, 'canceled');
}

/** Notes a status and tells it. */
export function say(state: ExchangeState, order: ExchangeOrder, status: string): void {
  order.status = status;
  order.statusAtMs = state.atMs;
  order.changed();
  state.write('status', order.account, {
    orderId: order.orderId,
    status,
    remaining: order.remaining.toFixed(),
  });
  state.tellOrder(order);
}
