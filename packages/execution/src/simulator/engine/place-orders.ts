import { toSize } from '@perpdesk/core';
import { checkEntry, checkForm, checkOrder, type Refusal } from './check-order.ts';
import { isClientIdTaken } from './client-ids.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import type { EngineAnswer, EngineOrder, OrderGrouping } from './exchange-engine.ts';
import { ExchangeOrder } from './exchange-order.ts';
import type { ExchangeState, Market } from './exchange-state.ts';
import { followPosition } from './follow-position.ts';
import { matchTaker } from './match-taker.ts';
import { activateChildren } from './order-groups.ts';
import { arm, endOrder, register, rest, say } from './order-places.ts';
import { refusals } from './refusals.ts';

/** Takes a request of orders on, one after the other, each with an answer of its own. */
export function placeOrders(
  state: ExchangeState,
  account: ExchangeAccount,
  orders: readonly EngineOrder[],
  grouping: OrderGrouping,
): readonly EngineAnswer[] {
  if (grouping === 'normalTpsl') return placeBracket(state, account, orders);
  return orders.map((given) => {
    if (grouping === 'positionTpsl' && (given.trigger === undefined || !given.reduceOnly)) {
      return refused(state, account, given, { message: refusals.group });
    }
    return placeOne(state, account, given, { isPositionTpsl: grouping === 'positionTpsl' }).answer;
  });
}

/** A parent and the stops and take profits that wait for its fill and cancel each other. */
function placeBracket(
  state: ExchangeState,
  account: ExchangeAccount,
  [entry, ...exits]: readonly EngineOrder[],
): readonly EngineAnswer[] {
  if (entry === undefined) return [];
  const refusal = refuseExits(state, account, entry, exits);
  if (refusal !== undefined) return [entry, ...exits].map((given) => refused(state, account, given, refusal));
  const children: ExchangeOrder[] = [];
  const placed = placeOne(state, account, entry, {
    isPositionTpsl: false,
    onTakenOn: (parent) => {
      const group = { orders: children };
      for (const exit of exits) {
        const child = new ExchangeOrder(state.nextOrderId(), account.name, exit, state.atMs);
        child.place = 'parent';
        child.parent = parent;
        child.group = group;
        children.push(child);
        register(state, child);
        writePlace(state, child, { parent: parent.orderId });
      }
      parent.children = children;
    },
  });
  if (placed.order === undefined) {
    const message = placed.answer.kind === 'error' ? placed.answer.message : refusals.group;
    return [placed.answer, ...exits.map((given) => refused(state, account, given, { message }))];
  }
  return [placed.answer, ...children.map(childAnswer)];
}

function refuseExits(
  state: ExchangeState,
  account: ExchangeAccount,
  entry: EngineOrder,
  exits: readonly EngineOrder[],
): Refusal | undefined {
  const market = state.markets.get(entry.coin);
  if (market === undefined) return { message: refusals.unknownCoin };
  const ids = new Set([entry.clientOrderId]);
  for (const exit of exits) {
    if (exit.trigger === undefined || exit.coin !== entry.coin || !exit.reduceOnly) return { message: refusals.group };
    const form = checkForm(market, new ExchangeOrder(0, account.name, exit, state.atMs), { anySize: false });
    if (form !== undefined) return form;
    const { clientOrderId } = exit;
    const isRepeated = clientOrderId !== undefined && ids.has(clientOrderId);
    if (isClientIdTaken(state, account, clientOrderId) || (isRepeated && state.rules.clientIds !== 'not-enforced')) {
      return { message: refusals.duplicateClientId };
    }
    ids.add(clientOrderId);
  }
  return undefined;
}

function childAnswer(child: ExchangeOrder): EngineAnswer {
  const { orderId } = child;
  if (child.place === 'trigger') return { kind: 'waiting', for: 'trigger', orderId };
  if (child.isOpen) return { kind: 'waiting', for: 'fill', orderId };
  return { kind: 'error', message: refusals.immediate };
}

interface Placed {
  readonly answer: EngineAnswer;
  /** Undefined when it was refused. */
  readonly order?: ExchangeOrder;
}

function placeOne(
  state: ExchangeState,
  account: ExchangeAccount,
  given: EngineOrder,
  options: { readonly isPositionTpsl: boolean; readonly onTakenOn?: (order: ExchangeOrder) => void },
): Placed {
  const market = state.markets.get(given.coin);
  if (market === undefined) return { answer: refused(state, account, given, { message: refusals.unknownCoin }) };
  const order = new ExchangeOrder(state.nextOrderId(), account.name, given, state.atMs);
  order.isPositionTpsl = options.isPositionTpsl;
  const form = checkForm(market, order, { anySize: options.isPositionTpsl });
  if (form !== undefined) return { answer: refused(state, account, given, form, order) };
  if (isClientIdTaken(state, account, given.clientOrderId)) {
    return { answer: refused(state, account, given, { message: refusals.duplicateClientId }) };
  }
  const refusal = checkOrder(state, account, market, order);
  if (refusal !== undefined) return { answer: refused(state, account, given, refusal, order) };
  return { answer: takeOn(state, account, market, order, options), order };
}

/** Keeps an order that passed, and sends it where it belongs. */
export function takeOn(
  state: ExchangeState,
  account: ExchangeAccount,
  market: Market,
  order: ExchangeOrder,
  options: { readonly onTakenOn?: (order: ExchangeOrder) => void; readonly asChild?: boolean } = {},
): EngineAnswer {
  register(state, order);
  writePlace(state, order, {});
  options.onTakenOn?.(order);
  if (options.asChild === true) {
    order.place = 'parent';
    order.changed();
    return { kind: 'waiting', for: 'fill', orderId: order.orderId };
  }
  if (order.triggerPrice !== undefined) {
    arm(market, order);
    followPosition(state, account, market);
    state.tellOrder(order);
    const { orderId } = order;
    const { clientOrderId } = order.given;
    return { kind: 'resting', orderId, ...(clientOrderId === undefined ? {} : { clientOrderId }) };
  }
  return enterBook(state, account, market, order);
}

/** Matches an order with what rests and lets what is left rest, or end, by its time in force. */
export function enterBook(
  state: ExchangeState,
  account: ExchangeAccount,
  market: Market,
  order: ExchangeOrder,
): EngineAnswer {
  const { orderId, given } = order;
  const clientOrderId = given.clientOrderId === undefined ? {} : { clientOrderId: given.clientOrderId };
  const isImmediate = given.trigger === undefined ? given.timeInForce === 'ioc' : given.trigger.market;
  if (!isImmediate) state.tellOrder(order);
  if (!order.isPostOnly) {
    matchTaker(state, market, { side: given.side, limitKey: order.key, order }, order.remaining);
  }
  if (order.isOpen) {
    if (isImmediate) endImmediate(state, order);
    else {
      rest(state, market, order);
      followPosition(state, account, market);
    }
  }
  if (order.filledSize.isZero() && !order.isOpen) {
    return { kind: 'error', message: order.status === 'iocCancelRejected' ? refusals.immediate : refusals.reduceOnly };
  }
  if (order.isOpen) return { kind: 'resting', orderId, ...clientOrderId };
  return {
    kind: 'filled',
    orderId,
    ...clientOrderId,
    totalSize: toSize(order.filledSize),
    averagePrice: order.averagePrice,
  };
}

/** What an immediate order could not get is cancelled; its children stay for what it got. */
function endImmediate(state: ExchangeState, order: ExchangeOrder): void {
  if (!order.filledSize.isZero()) activateChildren(state, order);
  endOrder(state, order, order.filledSize.isZero() ? 'iocCancelRejected' : 'canceled');
}

/** A stop or take profit whose mark has come. */
export function fireTrigger(state: ExchangeState, order: ExchangeOrder): void {
  const market = state.marketOf(order.given.coin);
  const account = state.accountOf(order);
  market.triggers.delete(order);
  order.place = 'new';
  say(state, order, 'triggered');
  const refusal = checkEntry(state, account, market, order);
  if (refusal !== undefined) {
    endOrder(state, order, refusal.status ?? 'rejected');
    return;
  }
  enterBook(state, account, market, order);
}

function refused(
  state: ExchangeState,
  account: ExchangeAccount,
  given: EngineOrder,
  { message, status }: Refusal,
  order?: ExchangeOrder,
): EngineAnswer {
  state.write('place', account.name, { ...placeDetail(given), error: message });
  if (order !== undefined && status !== undefined) {
    order.place = 'ended';
    register(state, order);
    say(state, order, status);
  }
  return { kind: 'error', message };
}

function writePlace(state: ExchangeState, order: ExchangeOrder, more: { readonly parent?: number }): void {
  state.write('place', order.account, {
    orderId: order.orderId,
    ...placeDetail(order.given),
    ...(order.isPositionTpsl ? { isPositionTpsl: true } : {}),
    ...more,
  });
}

const placeDetail = ({
  coin,
  side,
  size,
  limitPrice,
  timeInForce,
  reduceOnly,
  clientOrderId,
  trigger,
}: EngineOrder) => ({
  coin,
  side,
  size,
  limitPrice,
  timeInForce,
  reduceOnly,
  ...(clientOrderId === undefined ? {} : { clientOrderId }),
  ...(trigger === undefined ? {} : { trigger }),
});
