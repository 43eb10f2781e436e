import { Decimal, type OrderIntent, type OrderStatus } from '@perpdesk/core';
import type { NativeFill, NativeFunding, NativeOrder, NativePosition, WireOrder } from '../native-order.ts';
import type { NativeNews, PlacedLeg, VenueAccount } from '../venue-adapter.ts';
import {
  amountOf,
  decimalOf,
  type Fields,
  fieldsOf,
  requireDecimal,
  requireMs,
  requireRows,
  requireText,
  textOf,
  unreadable,
} from '../wire-values.ts';
import type { BinanceFamilyVenue } from './binance-family.ts';

const timesInForce = { gtc: 'GTC', ioc: 'IOC', 'post-only': 'GTX' } as const;

/** An order as the venue's form. A market order with a worst price is a limit that fills at once or not at all. */
export function formOf({ intent, market, clientId }: PlacedLeg, algoOrders: boolean): Fields {
  const { side, type, size, price, triggerPrice, reduceOnly } = intent;
  const common = { symbol: market.nativeId, side: side.toUpperCase(), quantity: size };
  const reducing = reduceOnly ? { reduceOnly: 'true' } : {};
  if (triggerPrice !== undefined) {
    const kind = { type: type === 'stop-market' ? 'STOP_MARKET' : 'TAKE_PROFIT_MARKET', workingType: 'MARK_PRICE' };
    return algoOrders
      ? { algoType: 'CONDITIONAL', ...common, ...kind, triggerPrice, ...reducing, clientAlgoId: clientId }
      : { ...common, ...kind, stopPrice: triggerPrice, ...reducing, newClientOrderId: clientId };
  }
  const named = { ...reducing, newClientOrderId: clientId, newOrderRespType: 'RESULT' };
  if (price === undefined) return { ...common, type: 'MARKET', ...named };
  const timeInForce = timesInForce[type === 'market' ? 'ioc' : intent.timeInForce];
  return { ...common, type: 'LIMIT', price, timeInForce, ...named };
}

export function readWire(venue: string, form: Fields): WireOrder {
  const kind = textOf(form.type);
  const tif = textOf(form.timeInForce);
  const trigger = form.triggerPrice ?? form.stopPrice;
  return {
    wireId: requireText(venue, form.symbol, 'symbol'),
    clientId: requireText(venue, form.newClientOrderId ?? form.clientAlgoId, 'client id'),
    side: sideOf(venue, form.side),
    type: typeOf(venue, kind),
    size: requireDecimal(venue, form.quantity, 'quantity'),
    price: form.price === undefined ? undefined : requireDecimal(venue, form.price, 'price'),
    triggerPrice: trigger === undefined ? undefined : requireDecimal(venue, trigger, 'trigger'),
    timeInForce: tif === undefined ? undefined : tifOf(tif),
    reduceOnly: form.reduceOnly === 'true',
  };
}

function sideOf(venue: string, value: unknown): 'buy' | 'sell' {
  if (value === 'BUY' || value === 'SELL') return value === 'BUY' ? 'buy' : 'sell';
  throw unreadable(venue, 'side');
}

function typeOf(venue: string, type: string | undefined): NativeOrder['type'] {
  if (type === 'MARKET' || type === 'LIQUIDATION') return 'market';
  if (type === 'LIMIT') return 'limit';
  if (type === 'STOP_MARKET' || type === 'STOP' || type === 'TRAILING_STOP_MARKET') return 'stop-market';
  if (type === 'TAKE_PROFIT_MARKET' || type === 'TAKE_PROFIT') return 'take-profit-market';
  throw unreadable(venue, `type ${type}`);
}

const tifOf = (tif: string | undefined): OrderIntent['timeInForce'] =>
  tif === 'IOC' || tif === 'FOK' ? 'ioc' : tif === 'GTX' ? 'post-only' : 'gtc';

export const isTrue = (value: unknown): boolean => value === true || value === 'true';

const statuses: Readonly<Record<string, OrderStatus>> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'partially-filled',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
  // Liquidation, auto-deleveraging, settlement.
  NEW_INSURANCE: 'open',
  NEW_ADL: 'open',
  // Conditional orders.
  TRIGGERING: 'triggered',
  TRIGGERED: 'triggered',
  FINISHED: 'triggered',
};

function readStatus(venue: string, order: Fields, filled: Decimal | undefined): OrderStatus {
  const status = statuses[textOf(order.status ?? order.algoStatus) ?? ''];
  if (status === undefined) throw unreadable(venue, `status ${textOf(order.status ?? order.algoStatus)}`);
  return status === 'open' && filled !== undefined && filled.greaterThan(0) ? 'partially-filled' : status;
}

/** An answer to an act may leave the status out: then it is what was asked for. */
export const statusAnswered = (venue: string, order: Fields, filled: Decimal | undefined): OrderStatus =>
  order.status === undefined && order.algoStatus === undefined ? 'open' : readStatus(venue, order, filled);

export function readPlain(venue: string, row: Fields): NativeOrder {
  const type = typeOf(venue, textOf(row.origType ?? row.type));
  const filled = requireDecimal(venue, row.executedQty, 'executedQty');
  return {
    nativeId: requireText(venue, row.symbol, 'symbol'),
    venueOrderId: requireText(venue, row.orderId, 'orderId'),
    clientId: textOf(row.clientOrderId),
    side: sideOf(venue, row.side),
    type,
    size: requireDecimal(venue, row.origQty, 'origQty'),
    filled,
    price: amountOf(row.price),
    averagePrice: amountOf(row.avgPrice),
    triggerPrice: type === 'limit' || type === 'market' ? undefined : amountOf(row.stopPrice),
    timeInForce: tifOf(textOf(row.timeInForce)),
    reduceOnly: isTrue(row.reduceOnly) || isTrue(row.closePosition),
    status: readStatus(venue, row, filled),
    conditional: false,
    createdAtMs: requireMs(venue, row.time ?? row.updateTime, 'time'),
    updatedAtMs: requireMs(venue, row.updateTime, 'updateTime'),
  };
}

export function readAlgo(venue: string, row: Fields): NativeOrder {
  const actualId = textOf(row.actualOrderId);
  return {
    nativeId: requireText(venue, row.symbol, 'symbol'),
    venueOrderId: actualId === undefined || actualId === '0' ? requireText(venue, row.algoId, 'algoId') : actualId,
    clientId: textOf(row.clientAlgoId),
    side: sideOf(venue, row.side),
    type: typeOf(venue, textOf(row.orderType ?? row.type)),
    size: requireDecimal(venue, row.quantity, 'quantity'),
    filled: new Decimal(0),
    price: undefined,
    averagePrice: undefined,
    triggerPrice: requireDecimal(venue, row.triggerPrice, 'triggerPrice'),
    timeInForce: 'gtc',
    reduceOnly: isTrue(row.reduceOnly) || isTrue(row.closePosition),
    status: readStatus(venue, row, undefined),
    conditional: true,
    createdAtMs: requireMs(venue, row.createTime, 'createTime'),
    updatedAtMs: requireMs(venue, row.updateTime, 'updateTime'),
  };
}

export function readTrade(venue: string, row: Fields, clientIds: ReadonlyMap<string, string>): NativeFill {
  const orderId = requireText(venue, row.orderId, 'orderId');
  const symbol = requireText(venue, row.symbol, 'symbol');
  const clientId = clientIds.get(orderId);
  return {
    nativeId: symbol,
    id: `${symbol}:${requireText(venue, row.id, 'id')}`,
    venueOrderId: orderId,
    clientId,
    side: sideOf(venue, row.side),
    price: requireDecimal(venue, row.price, 'price'),
    size: requireDecimal(venue, row.qty, 'qty'),
    fee: requireDecimal(venue, row.commission, 'commission'),
    maker: row.maker === true,
    realizedPnl: requireDecimal(venue, row.realizedPnl, 'realizedPnl'),
    reason: reasonOf(clientId),
    atMs: requireMs(venue, row.time, 'time'),
  };
}

/** Income above zero came in. Neither the rate nor the position it was reckoned on is told. */
export function readFunding(venue: string, row: Fields): NativeFunding {
  const symbol = requireText(venue, row.symbol, 'symbol');
  return {
    nativeId: symbol,
    id: `${symbol}:${requireText(venue, row.tranId, 'tranId')}`,
    amount: requireDecimal(venue, row.income, 'income'),
    ...{ rate: undefined, size: undefined, price: undefined },
    atMs: requireMs(venue, row.time, 'time'),
  };
}

/** The venue names its own orders by what they are for. */
const reasonOf = (clientId: string | undefined): NativeFill['reason'] =>
  clientId?.startsWith('adl_autoclose')
    ? 'auto-deleveraging'
    : clientId?.startsWith('autoclose-')
      ? 'liquidation'
      : 'order';

export async function positionRows(own: BinanceFamilyVenue, account: VenueAccount): Promise<readonly Fields[]> {
  return requireRows(
    own.venue,
    await account.read({ ...own.positions, method: 'GET', params: {}, weight: 5 }),
    'positions',
  );
}

export const modeOf = (row: Fields): 'cross' | 'isolated' =>
  /isolated/i.test(textOf(row.marginType) ?? '') || isTrue(row.isolated) ? 'isolated' : 'cross';

export function readPosition(venue: string, row: Fields): NativePosition | undefined {
  const signedSize = requireDecimal(venue, row.positionAmt, 'positionAmt');
  if (signedSize.isZero()) return undefined;
  const marginMode = modeOf(row);
  return {
    nativeId: requireText(venue, row.symbol, 'symbol'),
    signedSize,
    entryPrice: requireDecimal(venue, row.entryPrice, 'entryPrice'),
    markPrice: amountOf(row.markPrice),
    leverage: requireDecimal(venue, row.leverage, 'leverage'),
    marginMode,
    margin: marginMode === 'isolated' ? amountOf(row.isolatedMargin) : undefined,
    unrealizedPnl: requireDecimal(venue, row.unRealizedProfit, 'unRealizedProfit'),
    liquidationPrice: amountOf(row.liquidationPrice),
    updatedAtMs: requireMs(venue, row.updateTime, 'updateTime'),
  };
}

export function readNews(venue: string, frame: unknown): NativeNews | undefined {
  const message = fieldsOf(frame);
  const order = fieldsOf(message?.o);
  if (message?.e === 'ACCOUNT_UPDATE') return { accountChanged: true };
  if (message?.e === 'ALGO_UPDATE' && order !== undefined) return { orders: [readAlgoNews(venue, message, order)] };
  if (message?.e !== 'ORDER_TRADE_UPDATE' || order === undefined) return undefined;
  const atMs = requireMs(venue, message.T, 'T');
  const filled = requireDecimal(venue, order.z, 'z');
  const clientId = textOf(order.c);
  const told: NativeOrder = {
    nativeId: requireText(venue, order.s, 's'),
    venueOrderId: requireText(venue, order.i, 'i'),
    clientId,
    side: sideOf(venue, order.S),
    type: typeOf(venue, textOf(order.ot ?? order.o)),
    size: requireDecimal(venue, order.q, 'q'),
    filled,
    price: amountOf(order.p),
    averagePrice: amountOf(order.ap),
    triggerPrice: amountOf(order.sp),
    timeInForce: tifOf(textOf(order.f)),
    reduceOnly: isTrue(order.R) || isTrue(order.cp),
    status: readStatus(venue, { status: order.X }, filled),
    conditional: false,
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
  const size = decimalOf(order.l);
  const executed = (order.x === 'TRADE' || order.x === 'CALCULATED') && size !== undefined && size.greaterThan(0);
  if (!executed) return { orders: [told] };
  const fill: NativeFill = {
    nativeId: told.nativeId,
    id: `${told.nativeId}:${requireText(venue, order.t, 't')}`,
    venueOrderId: told.venueOrderId,
    clientId,
    side: told.side,
    price: requireDecimal(venue, order.L, 'L'),
    size,
    fee: decimalOf(order.n) ?? new Decimal(0),
    maker: order.m === true,
    realizedPnl: decimalOf(order.rp),
    reason: reasonOf(clientId),
    atMs,
  };
  return { orders: [told], fills: [fill] };
}

function readAlgoNews(venue: string, message: Fields, order: Fields): NativeOrder {
  const atMs = requireMs(venue, message.T, 'T');
  const filled = decimalOf(order.aq) ?? new Decimal(0);
  return {
    nativeId: requireText(venue, order.s, 's'),
    venueOrderId: textOf(order.ai) ?? requireText(venue, order.aid, 'aid'),
    clientId: textOf(order.caid),
    side: sideOf(venue, order.S),
    type: typeOf(venue, textOf(order.o)),
    size: requireDecimal(venue, order.q, 'q'),
    filled,
    price: undefined,
    averagePrice: amountOf(order.ap),
    triggerPrice: amountOf(order.tp),
    timeInForce: 'gtc',
    reduceOnly: isTrue(order.R) || isTrue(order.cp),
    status: algoStatus(readStatus(venue, { status: order.X }, undefined), filled, decimalOf(order.q)),
    conditional: true,
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
}

/** A conditional order that has done its work is as its ordinary order is. */
const algoStatus = (status: OrderStatus, filled: Decimal, size: Decimal | undefined): OrderStatus =>
  status === 'triggered' && size !== undefined && filled.greaterThanOrEqualTo(size) ? 'filled' : status;
