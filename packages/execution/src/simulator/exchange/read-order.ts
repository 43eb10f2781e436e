import { toPrice, toSize } from '@perpdesk/core';
import type { EngineAnswer, EngineOrder, ExchangeEngine } from '../engine/exchange-engine.ts';
import { wireDecimal } from '../wire/wire-decimal.ts';
import type { WireOrder } from './action-schemas.ts';

const timesInForce = { Gtc: 'gtc', Ioc: 'ioc', Alo: 'post-only', FrontendMarket: 'ioc' } as const;

/** An order of the wire as the engine takes it; undefined when the asset is not listed. */
export function readOrder(order: WireOrder, engine: ExchangeEngine): EngineOrder | undefined {
  const asset = engine.assets[order.a];
  if (asset === undefined) return undefined;
  return {
    coin: asset.coin,
    side: order.b ? 'buy' : 'sell',
    size: toSize(order.s),
    limitPrice: toPrice(order.p),
    reduceOnly: order.r,
    timeInForce: 'limit' in order.t ? timesInForce[order.t.limit.tif] : 'gtc',
    ...(order.c == null ? {} : { clientOrderId: order.c }),
    ...('trigger' in order.t
      ? {
          trigger: {
            price: toPrice(order.t.trigger.triggerPx),
            market: order.t.trigger.isMarket,
            kind: order.t.trigger.tpsl === 'sl' ? ('stop-loss' as const) : ('take-profit' as const),
          },
        }
      : {}),
  };
}

/** What became of an order, as the wire says it. Errors name the asset, as the venue's do. */
export function wireStatus(answer: EngineAnswer, asset: number): unknown {
  switch (answer.kind) {
    case 'resting':
      return { resting: { oid: answer.orderId, ...clientIdOf(answer) } };
    case 'filled':
      return {
        filled: {
          totalSz: wireDecimal(answer.totalSize),
          avgPx: wireDecimal(answer.averagePrice),
          oid: answer.orderId,
          ...clientIdOf(answer),
        },
      };
    case 'waiting':
      return answer.for === 'fill' ? 'waitingForFill' : 'waitingForTrigger';
    case 'error':
      return { error: ofAsset(answer.message, asset) };
  }
}

/** An error with the number of the asset it is about. */
export const ofAsset = (message: string, asset: number): string =>
  /asset=\d+/.test(message) ? message : `${message} asset=${asset}`;

const clientIdOf = (answer: { readonly clientOrderId?: string }): { readonly cloid?: string } =>
  answer.clientOrderId === undefined ? {} : { cloid: answer.clientOrderId };
