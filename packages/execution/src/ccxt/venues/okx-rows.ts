import { Decimal, type OrderIntent, type OrderStatus, toSize } from '@perpdesk/core';
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

const venue = 'okx';

export const actualIdOf = (row: Fields): string | undefined => {
  const ids = Array.isArray(row.ordIdList) ? row.ordIdList : [];
  return textOf(row.ordId) ?? textOf(ids[0]);
};

export const contractsOf = (size: OrderIntent['size'], unit: Decimal): string =>
  toSize(new Decimal(size).dividedBy(unit));
const timesInForce = { gtc: 'limit', ioc: 'ioc', 'post-only': 'post_only' } as const;

/** A market order with a worst price fills at once up to it or not at all. */
export function formOf({ intent, market, clientId }: PlacedLeg): Fields {
  const { side, type, size, price, reduceOnly, marginMode = 'isolated' } = intent;
  const common = {
    ...{ instId: market.nativeId, tdMode: marginMode, clOrdId: clientId, side, sz: contractsOf(size, market.unit) },
    reduceOnly,
  };
  if (price === undefined) return { ...common, ordType: 'market' };
  return { ...common, ordType: timesInForce[type === 'market' ? 'ioc' : intent.timeInForce], px: price };
}

export function algoFormOf({ intent, market, clientId }: PlacedLeg): Fields {
  const { side, type, size, triggerPrice, reduceOnly, marginMode = 'isolated' } = intent;
  const trigger =
    type === 'stop-market'
      ? { slTriggerPx: triggerPrice, slOrdPx: '-1', slTriggerPxType: 'mark' }
      : { tpTriggerPx: triggerPrice, tpOrdPx: '-1', tpTriggerPxType: 'mark' };
  return {
    ...{ instId: market.nativeId, tdMode: marginMode, algoClOrdId: clientId, side, ordType: 'conditional' },
    ...{ sz: contractsOf(size, market.unit), reduceOnly, ...trigger },
    // ccxt gives every order without one an id that names it.
    clOrdId: clientId,
  };
}

export function readWire(row: Fields): WireOrder {
  const stop = row.slTriggerPx ?? row.newSlTriggerPx;
  const trigger = stop ?? row.tpTriggerPx ?? row.newTpTriggerPx;
  const kind = textOf(row.ordType);
  const price = row.px ?? row.newPx;
  const type =
    trigger !== undefined
      ? stop === undefined
        ? 'take-profit-market'
        : 'stop-market'
      : kind === 'market'
        ? 'market'
        : 'limit';
  return {
    wireId: requireText(venue, row.instId, 'instId'),
    clientId: requireText(venue, row.algoClOrdId ?? row.clOrdId, 'client id'),
    side: row.side === undefined ? undefined : sideOf(row.side),
    type: kind === undefined ? undefined : type,
    size: requireDecimal(venue, row.sz ?? row.newSz, 'sz'),
    price: price === undefined ? undefined : requireDecimal(venue, price, 'px'),
    triggerPrice: trigger === undefined ? undefined : requireDecimal(venue, trigger, 'trigger'),
    timeInForce: kind === 'ioc' ? 'ioc' : kind === 'post_only' ? 'post-only' : kind === 'limit' ? 'gtc' : undefined,
    reduceOnly: row.reduceOnly === undefined ? undefined : row.reduceOnly === true || row.reduceOnly === 'true',
  };
}

function sideOf(value: unknown): 'buy' | 'sell' {
  if (value === 'buy' || value === 'sell') return value;
  throw unreadable(venue, 'side');
}

export const modeOf = (value: unknown): 'cross' | 'isolated' => (value === 'cross' ? 'cross' : 'isolated');
const tifOf = (kind: string | undefined): OrderIntent['timeInForce'] =>
  kind === 'ioc' || kind === 'fok' || kind === 'optimal_limit_ioc' ? 'ioc' : kind === 'post_only' ? 'post-only' : 'gtc';

const statuses: Readonly<Record<string, OrderStatus>> = {
  live: 'open',
  partially_filled: 'partially-filled',
  filled: 'filled',
  canceled: 'canceled',
  mmp_canceled: 'canceled',
  // Conditional orders.
  pause: 'open',
  partially_effective: 'triggered',
  effective: 'triggered',
  order_failed: 'rejected',
  partially_failed: 'triggered',
};

function statusOf(state: unknown): OrderStatus {
  const status = statuses[textOf(state) ?? ''];
  if (status === undefined) throw unreadable(venue, `state ${textOf(state)}`);
  return status;
}

export function readPlain(row: Fields): NativeOrder {
  const kind = textOf(row.ordType);
  const market = kind === 'market';
  // An order that a conditional one became belongs to that one.
  const clientId = textOf(row.algoClOrdId) ?? textOf(row.clOrdId);
  return {
    nativeId: requireText(venue, row.instId, 'instId'),
    venueOrderId: requireText(venue, row.ordId, 'ordId'),
    clientId,
    side: sideOf(row.side),
    type: market ? 'market' : 'limit',
    size: requireDecimal(venue, row.sz, 'sz'),
    filled: decimalOf(row.accFillSz) ?? new Decimal(0),
    price: market ? undefined : amountOf(row.px),
    averagePrice: amountOf(row.avgPx),
    triggerPrice: undefined,
    timeInForce: market ? 'ioc' : tifOf(kind),
    reduceOnly: row.reduceOnly === 'true' || row.reduceOnly === true,
    status: statusOf(row.state),
    conditional: false,
    createdAtMs: requireMs(venue, row.cTime, 'cTime'),
    updatedAtMs: requireMs(venue, row.uTime, 'uTime'),
  };
}

export function readAlgo(row: Fields): NativeOrder {
  const stop = amountOf(row.slTriggerPx);
  const filled = decimalOf(row.actualSz) ?? new Decimal(0);
  const atMs = requireMs(venue, row.cTime, 'cTime');
  return {
    nativeId: requireText(venue, row.instId, 'instId'),
    venueOrderId: actualIdOf(row) ?? requireText(venue, row.algoId, 'algoId'),
    clientId: textOf(row.algoClOrdId),
    side: sideOf(row.side),
    type: stop === undefined && amountOf(row.tpTriggerPx) !== undefined ? 'take-profit-market' : 'stop-market',
    // Of a whole position there is no size.
    size: decimalOf(row.sz) ?? new Decimal(0),
    filled,
    price: undefined,
    averagePrice: amountOf(row.actualPx),
    triggerPrice: stop ?? amountOf(row.tpTriggerPx) ?? amountOf(row.triggerPx),
    timeInForce: 'gtc',
    reduceOnly: row.reduceOnly === 'true' || row.reduceOnly === true || textOf(row.closeFraction) !== undefined,
    status: statusOf(row.state),
    conditional: true,
    createdAtMs: atMs,
    updatedAtMs: decimalOf(row.uTime)?.toNumber() ?? atMs,
  };
}

/** OKX tells fees as what the account received: a fee is negative there. */
export function readFill(row: Fields): NativeFill {
  return {
    nativeId: requireText(venue, row.instId, 'instId'),
    id: `${requireText(venue, row.instId, 'instId')}:${requireText(venue, row.tradeId, 'tradeId')}`,
    venueOrderId: requireText(venue, row.ordId, 'ordId'),
    clientId: textOf(row.clOrdId),
    side: sideOf(row.side),
    price: requireDecimal(venue, row.fillPx, 'fillPx'),
    size: requireDecimal(venue, row.fillSz, 'fillSz'),
    fee: requireDecimal(venue, row.fee ?? row.fillFee, 'fee').negated(),
    maker: row.execType === 'M',
    realizedPnl: decimalOf(row.fillPnl),
    reason: reasonOf(row),
    atMs: requireMs(venue, row.fillTime ?? row.ts, 'fillTime'),
  };
}

export function readFillNews(row: Fields): NativeFill | undefined {
  if (textOf(row.tradeId) === undefined || amountOf(row.fillSz) === undefined) return undefined;
  // What it paid so far stands for what this one paid where that is left out.
  const fill = readFill({ ...row, fee: row.fillFee ?? row.fee });
  return { ...fill, clientId: textOf(row.algoClOrdId) ?? fill.clientId };
}

/** An order says what it was by its category, a fill by its kind: 5 liquidates, 104 and more by number of auto-deleveraging. */
function reasonOf(row: Fields): NativeFill['reason'] {
  const kind = textOf(row.category) ?? textOf(row.subType) ?? '';
  if (kind === 'adl' || ['125', '126', '127', '128', '208', '209'].includes(kind)) return 'auto-deleveraging';
  const liquidates = kind === 'full_liquidation' || kind === 'partial_liquidation';
  return liquidates || ['100', '101', '102', '103', '104', '105', '106', '107', '109', '110'].includes(kind)
    ? 'liquidation'
    : 'order';
}

/** Of the account's bills: 173 is funding that was paid, 174 received. The side of the position, and so the rate, is not told. */
export function readFunding(row: Fields): NativeFunding {
  const paid = textOf(row.subType) === '173';
  const amount = requireDecimal(venue, row.pnl, 'pnl').abs();
  if (!paid && textOf(row.subType) !== '174') throw unreadable(venue, `funding of kind ${textOf(row.subType)}`);
  return {
    nativeId: requireText(venue, row.instId, 'instId'),
    id: requireText(venue, row.billId, 'billId'),
    amount: paid ? amount.negated() : amount,
    rate: undefined,
    size: amountOf(row.sz)?.abs(),
    price: amountOf(row.px),
    atMs: requireMs(venue, row.ts, 'ts'),
  };
}

export function readPosition(row: Fields): NativePosition | undefined {
  const contracts = requireDecimal(venue, row.pos, 'pos');
  if (contracts.isZero()) return undefined;
  return {
    nativeId: requireText(venue, row.instId, 'instId'),
    signedSize: row.posSide === 'short' ? contracts.abs().negated() : contracts,
    entryPrice: requireDecimal(venue, row.avgPx, 'avgPx'),
    markPrice: amountOf(row.markPx),
    leverage: requireDecimal(venue, row.lever, 'lever'),
    marginMode: modeOf(row.mgnMode),
    margin: amountOf(row.margin) ?? amountOf(row.imr),
    unrealizedPnl: requireDecimal(venue, row.upl, 'upl'),
    liquidationPrice: amountOf(row.liqPx),
    updatedAtMs: requireMs(venue, row.uTime, 'uTime'),
  };
}
