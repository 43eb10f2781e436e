import { Decimal, type OrderIntent, type OrderStatus } from '@perpdesk/core';
import type { NativeFill, NativeFunding, NativeOrder, NativePosition, WireOrder } from '../native-order.ts';
import type { PlacedLeg } from '../venue-adapter.ts';
import {
  amountOf,
  decimalOf,
  type Fields,
  requireDecimal,
  requireMs,
  requireText,
  textOf,
  unreadable,
} from '../wire-values.ts';

const venue = 'bybit';

const timesInForce = { gtc: 'GTC', ioc: 'IOC', 'post-only': 'PostOnly' } as const;

/** A market order with a worst price is a limit that fills at once or not at all. */
export function formOf({ intent, market, clientId }: PlacedLeg): Fields {
  const { side, type, size, price, triggerPrice, reduceOnly } = intent;
  const common = {
    ...{ symbol: market.nativeId, side: side === 'buy' ? 'Buy' : 'Sell', qty: size, orderLinkId: clientId },
    ...{ reduceOnly, positionIdx: 0 },
  };
  if (triggerPrice !== undefined) {
    // Whether the mark has to rise or fall to it: a stop of a sell falls, a profit of it rises.
    const rises = (type === 'stop-market') === (side === 'buy');
    return { ...common, orderType: 'Market', triggerPrice, triggerBy: 'MarkPrice', triggerDirection: rises ? 1 : 2 };
  }
  if (price === undefined) return { ...common, orderType: 'Market' };
  return {
    ...common,
    orderType: 'Limit',
    price,
    timeInForce: timesInForce[type === 'market' ? 'ioc' : intent.timeInForce],
  };
}

export function readWire(row: Fields, amends: boolean): WireOrder {
  const side = row.side === undefined ? undefined : sideOf(row.side);
  const trigger = row.triggerPrice === undefined ? undefined : requireDecimal(venue, row.triggerPrice, 'triggerPrice');
  const tif = textOf(row.timeInForce);
  return {
    wireId: requireText(venue, row.symbol, 'symbol'),
    clientId: requireText(venue, row.orderLinkId, 'orderLinkId'),
    side,
    type: amends ? undefined : typeOf(row, trigger),
    size: requireDecimal(venue, row.qty, 'qty'),
    price: row.price === undefined ? undefined : requireDecimal(venue, row.price, 'price'),
    triggerPrice: trigger,
    timeInForce: tif === undefined ? undefined : tifOf(tif),
    reduceOnly: amends ? undefined : row.reduceOnly === true,
  };
}

function sideOf(value: unknown): 'buy' | 'sell' {
  if (value === 'Buy' || value === 'Sell') return value === 'Buy' ? 'buy' : 'sell';
  throw unreadable(venue, 'side');
}

/** A trigger that waits for the mark to fall is a stop of a sell and a profit of a buy. */
function typeOf(row: Fields, trigger: Decimal | undefined): NativeOrder['type'] {
  if (trigger === undefined) return row.orderType === 'Market' ? 'market' : 'limit';
  const kind = textOf(row.stopOrderType) ?? '';
  if (/TakeProfit/.test(kind)) return 'take-profit-market';
  if (/StopLoss|TrailingStop/.test(kind)) return 'stop-market';
  const rises = textOf(row.triggerDirection) === '1';
  return rises === (sideOf(row.side) === 'buy') ? 'stop-market' : 'take-profit-market';
}

const tifOf = (tif: string | undefined): OrderIntent['timeInForce'] =>
  tif === 'IOC' || tif === 'FOK' ? 'ioc' : tif === 'PostOnly' ? 'post-only' : 'gtc';

const statuses: Readonly<Record<string, OrderStatus>> = {
  Created: 'open',
  New: 'open',
  Untriggered: 'open',
  Triggered: 'triggered',
  Active: 'triggered',
  PartiallyFilled: 'partially-filled',
  PartiallyFilledCanceled: 'canceled',
  Filled: 'filled',
  Cancelled: 'canceled',
  Deactivated: 'canceled',
  Rejected: 'rejected',
};

export function readOrder(row: Fields): NativeOrder {
  const status = statuses[textOf(row.orderStatus) ?? ''];
  if (status === undefined) throw unreadable(venue, `status ${textOf(row.orderStatus)}`);
  const trigger = amountOf(row.triggerPrice);
  const type = typeOf(row, trigger);
  return {
    nativeId: requireText(venue, row.symbol, 'symbol'),
    venueOrderId: requireText(venue, row.orderId, 'orderId'),
    clientId: textOf(row.orderLinkId),
    side: sideOf(row.side),
    type,
    size: requireDecimal(venue, row.qty, 'qty'),
    filled: requireDecimal(venue, row.cumExecQty, 'cumExecQty'),
    price: type === 'limit' ? amountOf(row.price) : undefined,
    averagePrice: amountOf(row.avgPrice),
    triggerPrice: trigger,
    timeInForce: tifOf(textOf(row.timeInForce)),
    reduceOnly: row.reduceOnly === true || row.closeOnTrigger === true,
    status,
    conditional: trigger !== undefined,
    createdAtMs: requireMs(venue, row.createdTime, 'createdTime'),
    updatedAtMs: requireMs(venue, row.updatedTime, 'updatedTime'),
  };
}

/** Undefined for what is no execution: funding is told in the same list. */
export function readFill(row: Fields): NativeFill | undefined {
  const kind = textOf(row.execType) ?? 'Trade';
  if (!['Trade', 'AdlTrade', 'BustTrade', 'Settle', 'Delivery'].includes(kind)) return undefined;
  return {
    nativeId: requireText(venue, row.symbol, 'symbol'),
    id: requireText(venue, row.execId, 'execId'),
    venueOrderId: requireText(venue, row.orderId, 'orderId'),
    clientId: textOf(row.orderLinkId),
    side: sideOf(row.side),
    price: requireDecimal(venue, row.execPrice, 'execPrice'),
    size: requireDecimal(venue, row.execQty, 'execQty'),
    fee: decimalOf(row.execFee) ?? new Decimal(0),
    maker: row.isMaker === true,
    realizedPnl: decimalOf(row.execPnl),
    reason: kind === 'AdlTrade' ? 'auto-deleveraging' : kind === 'BustTrade' ? 'liquidation' : 'order',
    atMs: requireMs(venue, row.execTime, 'execTime'),
  };
}

/**
 * Of the log of an account, where funding that was received is above zero (of its executions it is the other way round) and the
 * rate is below zero for the side that a positive market rate pays. Undefined for what is no funding.
 */
export function readFunding(row: Fields): NativeFunding | undefined {
  const amount = decimalOf(row.funding);
  if (row.type !== 'SETTLEMENT' || amount === undefined) return undefined;
  const rate = decimalOf(row.feeRate);
  return {
    nativeId: requireText(venue, row.symbol, 'symbol'),
    id: requireText(venue, row.id, 'id'),
    amount,
    rate: sideOf(row.side) === 'buy' ? rate : rate?.negated(),
    size: decimalOf(row.qty)?.abs(),
    price: decimalOf(row.tradePrice),
    atMs: requireMs(venue, row.transactionTime, 'transactionTime'),
  };
}

export const isHedged = (row: Fields): boolean => ['1', '2'].includes(textOf(row.positionIdx) ?? '0');

export function readPosition(row: Fields, marginMode: 'isolated' | 'cross'): NativePosition | undefined {
  const size = requireDecimal(venue, row.size, 'size');
  if (size.isZero()) return undefined;
  return {
    nativeId: requireText(venue, row.symbol, 'symbol'),
    signedSize: sideOf(row.side) === 'buy' ? size : size.negated(),
    entryPrice: requireDecimal(venue, row.avgPrice, 'avgPrice'),
    markPrice: amountOf(row.markPrice),
    leverage: requireDecimal(venue, row.leverage, 'leverage'),
    marginMode,
    margin: amountOf(row.positionIM),
    unrealizedPnl: requireDecimal(venue, row.unrealisedPnl, 'unrealisedPnl'),
    liquidationPrice: amountOf(row.liqPrice),
    updatedAtMs: requireMs(venue, row.updatedTime, 'updatedTime'),
  };
}
