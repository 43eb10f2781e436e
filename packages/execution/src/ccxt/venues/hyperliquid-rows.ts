import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { OrderIntent, OrderStatus } from '@perpdesk/core';
import type { NativeFill, NativeFunding, NativeOrder, NativePosition } from '../native-order.ts';
import {
  amountOf,
  decimalOf,
  type Fields,
  fieldsOf,
  requireDecimal,
  requireMs,
  requireText,
  textOf,
  unreadable,
} from '../wire-values.ts';

const venue = 'hyperliquid';

export const tifOf = (tif: string | undefined): OrderIntent['timeInForce'] =>
  tif === 'Ioc' || tif === 'FrontendMarket' ? 'ioc' : tif === 'Alo' ? 'post-only' : 'gtc';

/** The address of a private key; undefined when it is none. */
export function addressOf(privateKey: string): string | undefined {
  const hex = privateKey.replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) return undefined;
  const publicKey = secp256k1.getPublicKey(Uint8Array.from(Buffer.from(hex, 'hex')), false);
  return `0x${Buffer.from(keccak_256(publicKey.slice(1)).slice(-20)).toString('hex')}`;
}

/** The venue's words for what ended or waits. `…Canceled` and `…Rejected` come in many kinds. */
export function statusOf(status: string | undefined, order: Fields): OrderStatus {
  if (status === 'open') {
    const left = requireDecimal(venue, order.sz, 'sz');
    return left.lessThan(decimalOf(order.origSz) ?? left) ? 'partially-filled' : 'open';
  }
  if (status === 'triggered' || status === 'filled') return status;
  if (status !== undefined && /canceled|scheduledCancel/i.test(status)) return 'canceled';
  if (status !== undefined && /rejected/i.test(status)) return 'rejected';
  throw unreadable(venue, `status ${status}`);
}

export function readOrder(row: Fields, status: OrderStatus, updatedAtMs: number): NativeOrder {
  const left = requireDecimal(venue, row.sz, 'sz');
  const size = decimalOf(row.origSz) ?? left;
  const kind = textOf(row.orderType) ?? '';
  const triggers = row.isTrigger === true || amountOf(row.triggerPx) !== undefined;
  return {
    nativeId: requireText(venue, row.coin, 'coin'),
    venueOrderId: requireText(venue, row.oid, 'oid'),
    clientId: textOf(row.cloid),
    side: row.side === 'B' ? 'buy' : 'sell',
    type: !triggers ? 'limit' : kind.startsWith('Take Profit') ? 'take-profit-market' : 'stop-market',
    size,
    filled: status === 'filled' ? size : size.minus(left),
    price: triggers ? undefined : amountOf(row.limitPx),
    averagePrice: undefined,
    triggerPrice: triggers ? amountOf(row.triggerPx) : undefined,
    timeInForce: tifOf(textOf(row.tif)),
    reduceOnly: row.reduceOnly === true,
    status,
    conditional: triggers,
    createdAtMs: requireMs(venue, row.timestamp, 'timestamp'),
    updatedAtMs,
  };
}

export function readFill(row: Fields): NativeFill {
  const oid = requireText(venue, row.oid, 'oid');
  const kind = textOf(row.dir) ?? '';
  const liquidated = fieldsOf(row.liquidation) !== undefined || /liquidat/i.test(kind);
  return {
    nativeId: requireText(venue, row.coin, 'coin'),
    id: `${textOf(row.tid) ?? `${textOf(row.hash)}:${textOf(row.startPosition)}`}:${oid}`,
    venueOrderId: oid,
    clientId: textOf(row.cloid),
    side: row.side === 'B' ? 'buy' : 'sell',
    price: requireDecimal(venue, row.px, 'px'),
    size: requireDecimal(venue, row.sz, 'sz'),
    fee: requireDecimal(venue, row.fee, 'fee'),
    maker: row.crossed === false,
    realizedPnl: decimalOf(row.closedPnl),
    reason: /auto-?deleverag/i.test(kind) ? 'auto-deleveraging' : liquidated ? 'liquidation' : 'order',
    atMs: requireMs(venue, row.time, 'time'),
  };
}

/** One payment of a coin at an instant; its hash is zero. Funding that was paid is below zero. */
export function readFunding(row: Fields): NativeFunding {
  const delta = fieldsOf(row.delta);
  if (delta === undefined) throw unreadable(venue, 'delta');
  const nativeId = requireText(venue, delta.coin, 'coin');
  const atMs = requireMs(venue, row.time, 'time');
  return {
    nativeId,
    id: `${nativeId}:${atMs}`,
    amount: requireDecimal(venue, delta.usdc, 'usdc'),
    rate: requireDecimal(venue, delta.fundingRate, 'fundingRate'),
    size: decimalOf(delta.szi)?.abs(),
    price: undefined,
    atMs,
  };
}

export function readPosition(value: unknown, atMs: number): NativePosition | undefined {
  const position = fieldsOf(value);
  if (position === undefined) throw unreadable(venue, 'position');
  const signedSize = requireDecimal(venue, position.szi, 'szi');
  if (signedSize.isZero()) return undefined;
  const leverage = fieldsOf(position.leverage);
  const isCross = leverage?.type === 'cross';
  const unrealizedPnl = requireDecimal(venue, position.unrealizedPnl, 'unrealizedPnl');
  // Of a cross position notional / leverage; of an isolated one what it is worth: its dollars and its coins at the mark.
  const used = decimalOf(position.marginUsed);
  return {
    nativeId: requireText(venue, position.coin, 'coin'),
    signedSize,
    entryPrice: requireDecimal(venue, position.entryPx, 'entryPx'),
    markPrice: decimalOf(position.positionValue)?.dividedBy(signedSize.abs()),
    leverage: requireDecimal(venue, leverage?.value, 'leverage'),
    marginMode: isCross ? 'cross' : 'isolated',
    margin: isCross ? used : used?.minus(unrealizedPnl),
    unrealizedPnl,
    liquidationPrice: amountOf(position.liquidationPx),
    updatedAtMs: atMs,
  };
}
