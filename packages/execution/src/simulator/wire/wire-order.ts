import type { EngineOrderState } from '../engine/exchange-engine.ts';
import { wireDecimal } from './wire-decimal.ts';

const timesInForce = { gtc: 'Gtc', ioc: 'Ioc', 'post-only': 'Alo' } as const;

/** An order as `openOrders` and the `orderUpdates` subscription show it. */
export function wireOpenOrder(order: EngineOrderState): Record<string, unknown> {
  return {
    coin: order.coin,
    side: order.side === 'buy' ? 'B' : 'A',
    limitPx: wireDecimal(order.limitPrice),
    sz: wireDecimal(order.remainingSize),
    oid: order.orderId,
    timestamp: order.placedAtMs,
    origSz: wireDecimal(order.originalSize),
    ...(order.clientOrderId === undefined ? {} : { cloid: order.clientOrderId }),
    ...(order.reduceOnly ? { reduceOnly: true } : {}),
  };
}

/** An order with its trigger and children, as `frontendOpenOrders`, `orderStatus` and `historicalOrders` show it. */
export function wireFrontendOrder(
  order: EngineOrderState,
  find: (orderId: number) => EngineOrderState | undefined,
): Record<string, unknown> {
  const { trigger } = order;
  return {
    coin: order.coin,
    side: order.side === 'buy' ? 'B' : 'A',
    limitPx: wireDecimal(order.limitPrice),
    sz: wireDecimal(order.remainingSize),
    oid: order.orderId,
    timestamp: order.placedAtMs,
    triggerCondition: trigger === undefined ? 'N/A' : conditionOf(order, trigger),
    isTrigger: trigger !== undefined,
    triggerPx: wireDecimal(trigger?.price ?? 0),
    children: order.children.flatMap((orderId) => {
      const child = find(orderId);
      return child === undefined ? [] : [wireFrontendOrder(child, find)];
    }),
    isPositionTpsl: order.isPositionTpsl,
    reduceOnly: order.reduceOnly,
    orderType: trigger === undefined ? 'Limit' : triggerType(trigger),
    origSz: wireDecimal(order.originalSize),
    tif: trigger === undefined ? timesInForce[order.timeInForce] : null,
    cloid: order.clientOrderId ?? null,
  };
}

/** An order with what became of it. */
export const wireOrderWithStatus = (
  order: EngineOrderState,
  find: (orderId: number) => EngineOrderState | undefined,
): Record<string, unknown> => ({
  order: wireFrontendOrder(order, find),
  status: order.status,
  statusTimestamp: order.statusAtMs,
});

type Trigger = NonNullable<EngineOrderState['trigger']>;

function triggerType(trigger: Trigger): string {
  return `${trigger.kind === 'stop-loss' ? 'Stop' : 'Take Profit'} ${trigger.market ? 'Market' : 'Limit'}`;
}

/** A stop that sells waits for a fall, one that buys for a rise; a take-profit the other way. */
function conditionOf(order: EngineOrderState, trigger: Trigger): string {
  const above = (trigger.kind === 'stop-loss') === (order.side === 'buy');
  return `Price ${above ? 'above' : 'below'} ${trigger.price}`;
}
