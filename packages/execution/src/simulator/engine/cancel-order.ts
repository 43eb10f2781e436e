import type { ExchangeAccount } from './exchange-account.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import type { ExchangeState } from './exchange-state.ts';
import { endOrder } from './order-places.ts';
import { refusals } from './refusals.ts';

/** How an order is named: by the exchange's number or by the client's id. */
export type OrderTarget = { readonly orderId: number } | { readonly clientOrderId: string };

/** Finds an order of an account. Of several under one client order id, the newest that was taken on. */
export function findOrder(
  state: ExchangeState,
  account: ExchangeAccount,
  target: OrderTarget,
): ExchangeOrder | undefined {
  if ('clientOrderId' in target) return account.byClientId.get(target.clientOrderId);
  const order = state.orders.get(target.orderId);
  return order?.account === account.name ? order : undefined;
}

/** Takes an order from the market on its owner's word. The refusal's words, if any. */
export function cancelOrder(
  state: ExchangeState,
  account: ExchangeAccount,
  coin: string,
  target: OrderTarget,
): string | undefined {
  const order = findOrder(state, account, target);
  const isThere = order?.isOpen === true && order.given.coin === coin;
  state.write('cancel', account.name, { coin, ...target, ...(isThere ? {} : { error: refusals.missing }) });
  if (order === undefined || !isThere) return refusals.missing;
  endOrder(state, order, 'canceled');
  return undefined;
}
