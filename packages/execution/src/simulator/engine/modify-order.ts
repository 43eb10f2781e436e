import { findOrder, type OrderTarget } from './cancel-order.ts';
import { checkForm, checkOrder, type Refusal } from './check-order.ts';
import { isClientIdTaken } from './client-ids.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import type { EngineAnswer, EngineOrder } from './exchange-engine.ts';
import { ExchangeOrder } from './exchange-order.ts';
import type { ExchangeState, Market } from './exchange-state.ts';
import { endOrder, expose } from './order-places.ts';
import { takeOn } from './place-orders.ts';
import { refusals } from './refusals.ts';

/**
 * Replaces an open order by another in one act: a new number, the back of the queue, and the client order id of the old one
 * unless the new names its own (mode `same-after-modify`: always that of the old one). What is refused leaves the old order
 * as it was. A child stays a child, with its parent and its siblings.
 */
export function modifyOrder(
  state: ExchangeState,
  account: ExchangeAccount,
  target: OrderTarget,
  given: EngineOrder,
): EngineAnswer {
  const old = findOrder(state, account, target);
  const market = state.markets.get(given.coin);
  const refuse = ({ message }: Refusal): EngineAnswer => {
    state.write('modify', account.name, { ...target, error: message });
    return { kind: 'error', message };
  };
  if (old === undefined || !old.isOpen) return refuse({ message: refusals.modify });
  if (market === undefined || old.given.coin !== given.coin) return refuse({ message: refusals.unknownCoin });
  const replacement = replacementOf(state, account, old, given);
  const form = checkForm(market, replacement, { anySize: old.isPositionTpsl });
  if (form !== undefined) return refuse(form);
  const { clientOrderId } = replacement.given;
  if (clientOrderId !== old.given.clientOrderId && isClientIdTaken(state, account, clientOrderId)) {
    return refuse({ message: refusals.duplicateClientId });
  }
  const refusal = judge(state, account, market, old, replacement);
  if (refusal !== undefined) return refuse(refusal);
  state.write('modify', account.name, { ...target, orderId: old.orderId, replacedBy: replacement.orderId });
  return replace(state, account, market, old, replacement);
}

function replacementOf(
  state: ExchangeState,
  account: ExchangeAccount,
  old: ExchangeOrder,
  given: EngineOrder,
): ExchangeOrder {
  const { clientOrderId, ...order } = given;
  const kept = state.rules.clientIds === 'same-after-modify' ? old.given.clientOrderId : undefined;
  const id = kept ?? clientOrderId ?? old.given.clientOrderId;
  const replacement = new ExchangeOrder(
    state.nextOrderId(),
    account.name,
    { ...order, ...(id === undefined ? {} : { clientOrderId: id }) },
    state.atMs,
  );
  replacement.isPositionTpsl = old.isPositionTpsl;
  return replacement;
}

/** Judges the new order as if the old one were gone. */
function judge(
  state: ExchangeState,
  account: ExchangeAccount,
  market: Market,
  old: ExchangeOrder,
  replacement: ExchangeOrder,
): Refusal | undefined {
  if (old.place === 'parent') return replacement.triggerPrice === undefined ? { message: refusals.group } : undefined;
  if (old.place !== 'book') return checkOrder(state, account, market, replacement);
  expose(account, old, -1);
  const refusal = checkOrder(state, account, market, replacement);
  expose(account, old, 1);
  return refusal;
}

function replace(
  state: ExchangeState,
  account: ExchangeAccount,
  market: Market,
  old: ExchangeOrder,
  replacement: ExchangeOrder,
): EngineAnswer {
  const { place, parent, group, children } = old;
  // The children go over to the new parent, so they must not end with the old one.
  old.children = [];
  endOrder(state, old, 'canceled');
  replacement.children = children;
  for (const child of children) child.parent = replacement;
  replacement.parent = parent;
  replacement.group = group;
  replacement.sawPosition = old.sawPosition;
  if (group !== undefined) swap(group.orders, old, replacement);
  if (parent !== undefined) parent.children = parent.children.map((child) => (child === old ? replacement : child));
  return takeOn(state, account, market, replacement, { asChild: place === 'parent' });
}

function swap(orders: ExchangeOrder[], old: ExchangeOrder, replacement: ExchangeOrder): void {
  const index = orders.indexOf(old);
  if (index >= 0) orders[index] = replacement;
}
