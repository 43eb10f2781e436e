import { Decimal } from '@perpdesk/core';
import { isReached } from '../../matching/trigger-side.ts';
import { missingMargin, settingOf } from './account-margin.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import type { ExchangeState, Market } from './exchange-state.ts';
import { isOnTick, minimumNotional, tierOf } from './listed-asset.ts';
import { refusals } from './refusals.ts';

/** Why an order is not taken on: the words, and the status it is kept under; without one it leaves no trace. */
export interface Refusal {
  readonly message: string;
  readonly status?: string;
}

const refuse = (message: string, status?: string): Refusal => ({
  message,
  ...(status === undefined ? {} : { status }),
});
/** How far from the mark a limit may be. */
const farthest = new Decimal('0.8');

/** Judges what an order says by itself: whether it is well formed, on the tick and the lot. */
export function checkForm(
  { listed }: Market,
  order: ExchangeOrder,
  options: { readonly anySize: boolean },
): Refusal | undefined {
  const { sizeDecimals } = listed.asset;
  const size = order.originalSize;
  if (size.isNegative() && !size.isZero()) return refuse(refusals.size);
  if (size.isZero() && !options.anySize) return refuse(refusals.zeroSize);
  if (size.decimalPlaces() > sizeDecimals) return refuse(refusals.size);
  for (const price of [order.price, order.triggerPrice]) {
    if (price === undefined) continue;
    if (price.isZero() || price.isNegative()) return refuse(refusals.price);
    if (!isOnTick(listed, price)) return refuse(refusals.tick, 'tickRejected');
  }
  return undefined;
}

/** Judges an order against the account and the market as they stand. */
export function checkOrder(
  state: ExchangeState,
  account: ExchangeAccount,
  market: Market,
  order: ExchangeOrder,
): Refusal | undefined {
  const { mark } = market;
  if (mark === undefined) return refuse(refusals.noPrice);
  const far = checkDistance(order, mark);
  if (far !== undefined) return far;
  if (isTooSmall(account, order)) return refuse(refusals.minimumValue, 'minTradeNtlRejected');
  if (order.isPositionTpsl && lessenedSize(account, order) === undefined) {
    return refuse(refusals.reduceOnly, 'reduceOnlyRejected');
  }
  if (order.triggerPrice !== undefined) {
    return isReached(order.firesOnFall, order.triggerPrice, mark)
      ? refuse(refusals.trigger, 'badTriggerPxRejected')
      : undefined;
  }
  return checkEntry(state, account, market, order);
}

/** Judges an order that goes to the book now: newly placed, or triggered. */
export function checkEntry(
  state: ExchangeState,
  account: ExchangeAccount,
  market: Market,
  order: ExchangeOrder,
): Refusal | undefined {
  if (order.given.reduceOnly) {
    if (lessenedSize(account, order) === undefined) return refuse(refusals.reduceOnly, 'reduceOnlyRejected');
  } else {
    const refusal = checkOpening(state, account, market, order);
    if (refusal !== undefined) return refusal;
  }
  return order.isPostOnly ? checkPostOnly(market, order) : undefined;
}

/** The position that an order would lessen; undefined where there is none. */
function lessenedSize(account: ExchangeAccount, order: ExchangeOrder): Decimal | undefined {
  const position = account.positions.get(order.given.coin);
  return position === undefined || position.isLong === order.buys ? undefined : position.size;
}

function checkDistance(order: ExchangeOrder, mark: Decimal): Refusal | undefined {
  const reference = order.triggerPrice ?? mark;
  const distance = order.price.minus(reference).abs();
  return distance.greaterThan(reference.times(farthest)) ? refuse(refusals.far, 'oracleRejected') : undefined;
}

/** Only what closes a whole position may be smaller. */
function isTooSmall(account: ExchangeAccount, order: ExchangeOrder): boolean {
  if (order.isPositionTpsl) return false;
  if (order.remaining.times(order.price).greaterThanOrEqualTo(minimumNotional)) return false;
  if (!order.given.reduceOnly) return true;
  const position = account.positions.get(order.given.coin);
  return position !== undefined && order.remaining.lessThan(position.size);
}

/** Tier limit and margin. A buy is reckoned at its limit or the mark, whichever is lower, a sell at the higher one. */
function checkOpening(
  state: ExchangeState,
  account: ExchangeAccount,
  market: Market,
  order: ExchangeOrder,
): Refusal | undefined {
  const mark = market.mark ?? order.price;
  const price = order.buys ? Decimal.min(order.price, mark) : Decimal.max(order.price, mark);
  const { coin } = market.listed;
  const signed = account.signedSize(coin);
  const after = order.buys ? signed.plus(order.remaining) : signed.minus(order.remaining);
  if (after.abs().greaterThan(signed.abs())) {
    const highest = tierOf(market.listed, after.abs().times(price)).maxLeverage;
    if (settingOf(account, market).leverage > highest) return refuse(refusals.tierLimit, 'perpMaxPositionRejected');
  }
  const missing = missingMargin(state, account, {
    coin,
    side: order.given.side,
    size: order.remaining,
    notional: order.remaining.times(price),
  });
  return missing === undefined ? undefined : refuse(refusals.margin, 'perpMarginRejected');
}

function checkPostOnly({ bids, asks }: Market, order: ExchangeOrder): Refusal | undefined {
  const bid = bids.best();
  const ask = asks.best();
  const crosses = order.buys ? ask !== undefined && order.key >= ask.key : bid !== undefined && order.key <= bid.key;
  if (!crosses) return undefined;
  const message = refusals.postOnly(bid?.price.toFixed() ?? '0', ask?.price.toFixed() ?? '0');
  return refuse(message, 'badAloPxRejected');
}
