import {
  type Account,
  Decimal,
  decimal,
  type InstrumentId,
  liquidationPrice,
  maintenanceMargin,
  type Position,
  type Price,
  toPrice,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { isReached } from '../matching/trigger-side.ts';
import {
  balanceOf,
  opposes,
  type PaperAccount,
  type PaperOrder,
  type PaperPosition,
  remainingOf,
  unrealizedOf,
} from './paper-account.ts';
import type { PaperContext } from './paper-context.ts';

const zero = new Decimal(0);

/** A float price of the market as a decimal, to the 15 digits that float64 carries faithfully. */
export const exactPrice = (value: number): Decimal => new Decimal(value).toSignificantDigits(15);

/** The mark of a position's instrument; its entry while no mark was ever seen. */
export function markOf(position: PaperPosition, context: PaperContext): Decimal {
  const mark = context.mark(position.instrumentId);
  return mark === undefined ? position.cost.dividedBy(position.size) : exactPrice(mark);
}

/** What an account is worth and what of it is free. */
export interface AccountFigures {
  readonly balance: Decimal;
  readonly unrealizedPnl: Decimal;
  /** Initial margin of positions and open orders. */
  readonly usedMargin: Decimal;
  /** balance − used, less what cross positions are losing; their profits do not count before they are taken. */
  readonly availableMargin: Decimal;
}

/** Reckons an account at the present marks. */
export function accountFigures(account: PaperAccount, context: PaperContext): AccountFigures {
  let unrealizedPnl = zero;
  let crossPnl = zero;
  let usedMargin = zero;
  for (const position of account.positions.values()) {
    const pnl = unrealizedOf(position, markOf(position, context));
    unrealizedPnl = unrealizedPnl.plus(pnl);
    if (position.marginMode === 'cross') crossPnl = crossPnl.plus(pnl);
    usedMargin = usedMargin.plus(position.margin);
  }
  for (const order of account.orders.values()) usedMargin = usedMargin.plus(reserveOf(account, order, context));
  const balance = balanceOf(account);
  const availableMargin = Decimal.max(0, balance.minus(usedMargin).plus(Decimal.min(0, crossPnl)));
  return { balance, unrealizedPnl, usedMargin, availableMargin };
}

/** What an order would open at most: the part that does not lessen a position. */
export function openingSize(
  account: PaperAccount,
  side: 'buy' | 'sell',
  instrumentId: InstrumentId,
  size: Decimal,
): Decimal {
  const position = account.positions.get(instrumentId);
  return position !== undefined && opposes(position, side) ? Decimal.max(0, size.minus(position.size)) : size;
}

/** The margin and taker fee that opening at a price takes. */
export function openingCost(options: {
  readonly size: Decimal;
  readonly price: Decimal;
  readonly leverage: number;
  readonly takerFeeRate: Decimal;
}): Decimal {
  const notional = options.size.times(options.price);
  return notional
    .dividedBy(options.leverage)
    .plus(notional.times(options.takerFeeRate))
    .toDecimalPlaces(8, Decimal.ROUND_UP);
}

/** What an open order holds back until it fills or ends. */
export function reserveOf(account: PaperAccount, entry: PaperOrder, context: PaperContext): Decimal {
  const { order } = entry;
  if (order.reduceOnly) return zero;
  const instrument = context.instrument(order.instrumentId);
  const mark = context.mark(order.instrumentId);
  const price = order.type === 'limit' ? order.price : order.triggerPrice;
  if (instrument === undefined || (price === undefined && mark === undefined)) return zero;
  return openingCost({
    size: openingSize(account, order.side, order.instrumentId, remainingOf(entry)),
    price: price === undefined ? exactPrice(mark ?? 0) : new Decimal(price),
    leverage: order.leverage ?? 1,
    takerFeeRate: new Decimal(instrument.takerFeeRate),
  });
}

/** The collateral of all cross positions together: free cash and their profit and loss, one position's left out if asked. */
export function crossCollateral(account: PaperAccount, context: PaperContext, except?: PaperPosition): Decimal {
  let collateral = balanceOf(account);
  for (const position of account.positions.values()) {
    if (position.marginMode === 'isolated') collateral = collateral.minus(position.margin);
    else if (position !== except) collateral = collateral.plus(unrealizedOf(position, markOf(position, context)));
  }
  return collateral;
}

/** The maintenance margin of a position at a mark. */
export function maintenanceOf(position: PaperPosition, mark: Decimal, context: PaperContext): Decimal {
  const instrument = context.instrument(position.instrumentId);
  return instrument === undefined
    ? zero
    : new Decimal(maintenanceMargin(instrument.marginTiers, toUsd(mark.times(position.size))));
}

interface IsolatedPrice {
  readonly price: Decimal | undefined;
  /** The same as a float; NaN without one. */
  readonly float: number;
}

const isolatedPrices = new WeakMap<PaperPosition, IsolatedPrice>();

/** True when a falling (`onFall`) or rising market is so far from a level that floats tell; nearer, exact prices are compared. */
const isFar = (onFall: boolean, level: number, market: number): boolean =>
  onFall ? market > level * (1 + 1e-9) : market < level * (1 - 1e-9);

/**
 * The mark at which a position is liquidated: of an isolated one by its own margin; of a cross one by what the account has
 * beside it, less the maintenance of the other cross positions, with their marks standing still. Undefined: at no price.
 */
export function liquidationPriceOf(
  account: PaperAccount,
  position: PaperPosition,
  context: PaperContext,
): Decimal | undefined {
  return position.marginMode === 'cross'
    ? priceAt(position, crossMargin(account, position, context), context)
    : isolatedPrice(position, context).price;
}

function isolatedPrice(position: PaperPosition, context: PaperContext): IsolatedPrice {
  // A position is immutable, so its price is reckoned once.
  let known = isolatedPrices.get(position);
  if (known === undefined) {
    const price = priceAt(position, position.margin, context);
    known = { price, float: price?.toNumber() ?? Number.NaN };
    isolatedPrices.set(position, known);
  }
  return known;
}

/** True when a float price of the market has reached a position's liquidation price, or is beyond it. */
export function reachesLiquidation(
  account: PaperAccount,
  position: PaperPosition,
  market: number,
  context: PaperContext,
): boolean {
  const isLong = position.direction === 'long';
  if (position.marginMode === 'isolated' && isFar(isLong, isolatedPrice(position, context).float, market)) return false;
  const price = liquidationPriceOf(account, position, context);
  return price !== undefined && isReached(isLong, price, exactPrice(market));
}

/** True when a float price of the market has reached a trigger price, falling to it (`onFall`) or rising. */
export const reachesTrigger = (onFall: boolean, trigger: Price, market: number): boolean =>
  !isFar(onFall, Number(trigger), market) && isReached(onFall, decimal(trigger), exactPrice(market));

function crossMargin(account: PaperAccount, position: PaperPosition, context: PaperContext): Decimal {
  let margin = crossCollateral(account, context, position);
  for (const other of account.positions.values()) {
    if (other === position || other.marginMode !== 'cross') continue;
    margin = margin.minus(maintenanceOf(other, markOf(other, context), context));
  }
  return margin;
}

function priceAt(position: PaperPosition, margin: Decimal, context: PaperContext): Decimal | undefined {
  const instrument = context.instrument(position.instrumentId);
  if (instrument === undefined) return undefined;
  const price = liquidationPrice({
    direction: position.direction,
    entryPrice: toPrice(position.cost.dividedBy(position.size)),
    size: toSize(position.size),
    margin: toUsd(margin),
    tiers: instrument.marginTiers,
  });
  return price === undefined ? undefined : new Decimal(price);
}

/** A position as the venue tells it, at the present mark. */
export function tellPosition(account: PaperAccount, position: PaperPosition, context: PaperContext): Position {
  const mark = markOf(position, context);
  const liquidation = liquidationPriceOf(account, position, context);
  return {
    userId: account.userId,
    venue: context.venue,
    instrumentId: position.instrumentId,
    direction: position.direction,
    size: toSize(position.size),
    entryPrice: toPrice(position.cost.dividedBy(position.size)),
    markPrice: toPrice(mark),
    leverage: position.leverage,
    marginMode: position.marginMode,
    margin: toUsd(position.margin),
    unrealizedPnl: toUsd(unrealizedOf(position, mark)),
    realizedPnl: toUsd(position.realizedPnl),
    ...(liquidation === undefined ? {} : { liquidationPrice: toPrice(liquidation) }),
    openedAtMs: position.openedAtMs,
    updatedAtMs: position.updatedAtMs,
  };
}

/** An account as the venue tells it, at the present marks: equity = deposits + realised + unrealised − fees + funding, exactly. */
export function tellAccount(account: PaperAccount, context: PaperContext): Account {
  const { balance, unrealizedPnl, usedMargin, availableMargin } = accountFigures(account, context);
  return {
    userId: account.userId,
    venue: context.venue,
    asset: context.rules.asset,
    balance: toUsd(balance),
    equity: toUsd(balance.plus(unrealizedPnl)),
    unrealizedPnl: toUsd(unrealizedPnl),
    usedMargin: toUsd(usedMargin),
    availableMargin: toUsd(availableMargin),
    deposits: toUsd(account.deposits),
    realizedPnl: toUsd(account.realizedPnl),
    fees: toUsd(account.fees),
    funding: toUsd(account.funding),
    positionMode: 'one-way',
    atMs: context.atMs,
  };
}
