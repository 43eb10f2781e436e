import { Decimal, type OrderStatus } from '@perpdesk/core';
import type { NativeFill, NativeOrder, NativePosition } from '../native-order.ts';
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

const venue = 'lighter';
/** Fees are told in millionths. */
const feeUnit = 1_000_000;

export const modeOf = (row: Fields): 'cross' | 'isolated' => (textOf(row.margin_mode) === '1' ? 'isolated' : 'cross');

/** The initial margin fraction is told in percent, to two decimals: a third is 33.34 there. */
export const leverageOf = (row: Fields): Decimal => {
  const percent = requireDecimal(venue, row.initial_margin_fraction, 'initial_margin_fraction');
  if (percent.isZero()) throw unreadable(venue, 'initial_margin_fraction');
  return new Decimal(100).dividedBy(percent).toDecimalPlaces(2);
};

export function readPosition(row: Fields): NativePosition | undefined {
  const size = requireDecimal(venue, row.position, 'position');
  if (size.isZero()) return undefined;
  const marginMode = modeOf(row);
  return {
    nativeId: requireText(venue, row.market_id, 'market_id'),
    signedSize: textOf(row.sign) === '-1' ? size.abs().negated() : size.abs(),
    entryPrice: requireDecimal(venue, row.avg_entry_price, 'avg_entry_price'),
    markPrice: amountOf(row.position_value)?.dividedBy(size.abs()),
    leverage: leverageOf(row),
    marginMode,
    margin: marginMode === 'isolated' ? amountOf(row.allocated_margin) : undefined,
    unrealizedPnl: requireDecimal(venue, row.unrealized_pnl, 'unrealized_pnl'),
    liquidationPrice: amountOf(row.liquidation_price),
    updatedAtMs: undefined,
  };
}

function statusOf(status: string | undefined, filled: Decimal): OrderStatus {
  if (status === 'open' || status === 'pending' || status === 'in-progress')
    return status === 'open' && filled.greaterThan(0) ? 'partially-filled' : 'open';
  if (status === 'filled') return 'filled';
  if (status === 'canceled-position-not-allowed' || status === 'canceled-margin-not-allowed') return 'rejected';
  if (status?.startsWith('canceled-expired')) return 'expired';
  if (status?.startsWith('canceled')) return 'canceled';
  throw unreadable(venue, `status ${status}`);
}

/** Instants come in seconds or in milliseconds. */
function instant(value: unknown): number {
  const at = requireMs(venue, value, 'timestamp');
  return at < 100_000_000_000 ? at * 1_000 : at;
}

export function readOrder(row: Fields): NativeOrder {
  const kind = textOf(row.type) ?? '';
  const tif = textOf(row.time_in_force) ?? '';
  const type = kind.startsWith('stop-loss')
    ? 'stop-market'
    : kind.startsWith('take-profit')
      ? 'take-profit-market'
      : kind === 'market' || kind === 'liquidation'
        ? 'market'
        : 'limit';
  const filled = requireDecimal(venue, row.filled_base_amount, 'filled_base_amount');
  const quote = decimalOf(row.filled_quote_amount);
  const clientId = textOf(row.client_order_index);
  return {
    nativeId: requireText(venue, row.market_index, 'market_index'),
    venueOrderId: requireText(venue, row.order_index, 'order_index'),
    clientId: clientId === '0' ? undefined : clientId,
    side: row.is_ask === true || textOf(row.is_ask) === '1' ? 'sell' : 'buy',
    type,
    size: requireDecimal(venue, row.initial_base_amount, 'initial_base_amount'),
    filled,
    price: type === 'limit' ? amountOf(row.price) : undefined,
    averagePrice: filled.isZero() ? undefined : quote?.dividedBy(filled).toSignificantDigits(15),
    triggerPrice: amountOf(row.trigger_price),
    timeInForce: /immediate/.test(tif) ? 'ioc' : /post/.test(tif) ? 'post-only' : 'gtc',
    reduceOnly: row.reduce_only === true || textOf(row.reduce_only) === '1',
    status: statusOf(textOf(row.status), filled),
    conditional: type === 'stop-market' || type === 'take-profit-market',
    createdAtMs: instant(row.created_at ?? row.timestamp),
    updatedAtMs: instant(row.updated_at ?? row.timestamp),
  };
}

/** Both sides are told; ours is the one of our account. Profit is not told. */
export function readFill(row: Fields, accountIndex: string): NativeFill {
  const sells = textOf(row.ask_account_id) === accountIndex;
  const makes = (row.is_maker_ask === true) === sells;
  const price = requireDecimal(venue, row.price, 'price');
  const size = requireDecimal(venue, row.size, 'size');
  const rate = decimalOf(makes ? row.maker_fee : row.taker_fee) ?? new Decimal(0);
  const clientId = textOf(sells ? row.ask_client_id : row.bid_client_id);
  const kind = textOf(row.type) ?? 'trade';
  return {
    nativeId: requireText(venue, row.market_id, 'market_id'),
    id: requireText(venue, row.trade_id, 'trade_id'),
    venueOrderId: requireText(venue, sells ? row.ask_id : row.bid_id, 'order id'),
    clientId: clientId === '0' ? undefined : clientId,
    side: sells ? 'sell' : 'buy',
    price,
    size,
    fee: price.times(size).times(rate).dividedBy(feeUnit),
    maker: makes,
    realizedPnl: undefined,
    reason: kind === 'liquidation' ? 'liquidation' : kind === 'deleverage' ? 'auto-deleveraging' : 'order',
    atMs: instant(row.timestamp),
  };
}

/** Rows are told in lists by market, or one by one. */
export function byMarket(value: unknown): readonly Fields[] {
  const lists = fieldsOf(value);
  if (lists === undefined) throw unreadable(venue, 'a message of the account');
  return Object.values(lists).flatMap((rows) => requireRows(venue, Array.isArray(rows) ? rows : [rows], 'rows'));
}
