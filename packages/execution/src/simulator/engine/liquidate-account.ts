import { Decimal, type Price, type Size } from '@perpdesk/core';
import { bankruptcyPrice } from '../../matching/bankruptcy-price.ts';
import { unrealizedPnlOf } from '../../matching/unrealized-pnl-of.ts';
import { crossFigures, positionFigures, settingOf } from './account-margin.ts';
import { bookFill } from './book-fill.ts';
import type { ExchangeAccount, ExchangePosition } from './exchange-account.ts';
import type { EngineFill } from './exchange-engine.ts';
import { ExchangeOrder } from './exchange-order.ts';
import { type ExchangeState, type Market, markOf } from './exchange-state.ts';
import { followPosition } from './follow-position.ts';
import { matchTaker } from './match-taker.ts';
import { endOrder, register } from './order-places.ts';
import { isSurelyCovered, quickFigures } from './quick-figures.ts';
import { tellTrade } from './settle-trade.ts';

const zero = new Decimal(0);
/** Below this share of the maintenance margin the backstop takes over (Hyperliquid "Liquidations"). */
const backstopShare = new Decimal(2).dividedBy(3);
/** Of a position above this notional only a part is sent to the book at once, and the rest after a pause. */
const largeNotional = new Decimal(100_000);
const largePart = new Decimal('0.2');
const pauseMs = 30_000;

/**
 * Looks at an account's margin and closes by force what it no longer carries: an isolated position by its own margin, the
 * cross positions all together by the account's. First in the book, never beyond the price at which nothing would be left;
 * what the book does not take goes, with its collateral, to the backstop once less than two thirds of the maintenance
 * margin are left; and against profitable positions of the other side (auto-deleveraging) once there is nothing left.
 */
export function checkLiquidation(state: ExchangeState, account: ExchangeAccount): void {
  if (account === state.backstop) return;
  for (const position of [...account.positions.values()]) {
    if (position.marginMode === 'isolated' && !isSurelyCovered(state, position))
      checkIsolated(state, account, position);
  }
  const quick = quickFigures(state, account);
  if (quick.value - quick.maintenanceMargin > quick.slack) return;
  const { value, maintenanceMargin } = crossFigures(state, account);
  if (maintenanceMargin.isZero() || value.greaterThanOrEqualTo(maintenanceMargin)) return;
  const positions = (): ExchangePosition[] =>
    [...account.positions.values()].filter(({ marginMode }) => marginMode === 'cross');
  const coins = positions().map(({ coin }) => coin);
  endOrders(state, account, (coin) => coins.includes(coin) || !account.positions.has(coin));
  const isLow = (): boolean => {
    const now = crossFigures(state, account);
    return now.value.lessThan(now.maintenanceMargin);
  };
  for (const { coin } of positions()) {
    const position = account.positions.get(coin);
    if (position === undefined || !isLow()) continue;
    sellOff(state, account, position, Decimal.max(0, crossFigures(state, account).value));
  }
  const left = crossFigures(state, account);
  if (left.maintenanceMargin.isZero() || left.value.greaterThanOrEqualTo(left.maintenanceMargin.times(backstopShare))) {
    // The book closed everything at a loss beyond what there was: the backstop makes it good.
    if (left.maintenanceMargin.isZero() && account.cash.isNegative()) moveCollateral(state, account, account.cash);
    return;
  }
  for (const position of positions()) takeOver(state, account, position, left.value.isNegative());
  moveCollateral(state, account, account.cash);
}

function checkIsolated(state: ExchangeState, account: ExchangeAccount, position: ExchangePosition): void {
  const worth = (held: ExchangePosition) => {
    const { unrealizedPnl, maintenanceMargin } = positionFigures(state, account, held);
    return { value: held.margin.plus(unrealizedPnl), maintenanceMargin };
  };
  const before = worth(position);
  if (before.value.greaterThanOrEqualTo(before.maintenanceMargin)) return;
  endOrders(state, account, (coin) => coin === position.coin);
  sellOff(state, account, position, Decimal.max(0, before.value));
  const left = account.positions.get(position.coin);
  if (left === undefined) return;
  const after = worth(left);
  if (after.value.greaterThanOrEqualTo(after.maintenanceMargin.times(backstopShare))) return;
  const cashBefore = account.cash;
  takeOver(state, account, left, after.value.isNegative());
  moveCollateral(state, account, account.cash.minus(cashBefore));
}

function endOrders(state: ExchangeState, account: ExchangeAccount, concerns: (coin: string) => boolean): void {
  for (const order of [...account.open.values()]) {
    if (concerns(order.given.coin)) endOrder(state, order, 'liquidatedCanceled');
  }
}

/** Sends a position, or a part of a large one, to the book; `equity` is what its mark leaves to lose. */
function sellOff(state: ExchangeState, account: ExchangeAccount, position: ExchangePosition, equity: Decimal): void {
  const { coin } = position;
  const market = state.marketOf(coin);
  const { mark, notional } = positionFigures(state, account, position);
  const lastAtMs = account.liquidatedAtMs.get(coin);
  const isPause = lastAtMs !== undefined && state.atMs < lastAtMs + pauseMs;
  const isFirstPart = notional.greaterThan(largeNotional) && lastAtMs === undefined;
  if (isPause) return;
  if (isFirstPart) account.liquidatedAtMs.set(coin, state.atMs);
  else account.liquidatedAtMs.delete(coin);
  const size = isFirstPart
    ? position.size.times(largePart).toDecimalPlaces(market.listed.asset.sizeDecimals, Decimal.ROUND_UP)
    : position.size;
  // Equity at the mark is what may be lost from there: the same as the budget from the cost, profit and loss put in.
  const limit = bankruptcyPrice({ ...position, cost: mark.times(position.size) }, equity);
  const order = forcedOrder(state, account, position, size, limit, 'market');
  matchTaker(state, market, { side: order.given.side, limitKey: order.key, order }, size);
  endOrder(state, order, order.filledSize.isZero() ? 'iocCancelRejected' : 'canceled');
}

function forcedOrder(
  state: ExchangeState,
  account: ExchangeAccount,
  position: ExchangePosition,
  size: Decimal,
  limit: Decimal,
  method: 'market' | 'backstop',
): ExchangeOrder {
  const { coin, isLong } = position;
  const least = new Decimal('0.000001');
  const order = new ExchangeOrder(
    state.nextOrderId(),
    account.name,
    {
      coin,
      side: isLong ? 'sell' : 'buy',
      size: size.toFixed() as Size,
      limitPrice: Decimal.max(limit, least).toFixed() as Price,
      timeInForce: 'ioc',
      reduceOnly: true,
    },
    state.atMs,
  );
  order.liquidation = liquidationOf(account, state.marketOf(coin), position, method);
  register(state, order);
  state.write('place', account.name, { orderId: order.orderId, ...order.given, liquidation: method });
  return order;
}

const liquidationOf = (
  account: ExchangeAccount,
  market: Market,
  position: ExchangePosition,
  method: 'market' | 'backstop',
): NonNullable<EngineFill['liquidation']> => ({
  liquidatedUser: account.name,
  markPrice: markOf(market, position).toFixed() as Price,
  method,
});

/** Takes a position off an account: by auto-deleveraging where nothing is left, the rest by the backstop at the mark. */
function takeOver(state: ExchangeState, account: ExchangeAccount, position: ExchangePosition, isGone: boolean): void {
  if (isGone) deleverage(state, account, position);
  const left = account.positions.get(position.coin);
  if (left === undefined) return;
  const market = state.marketOf(left.coin);
  cross(state, market, account, state.backstop, left, markOf(market, left), left.size);
}

/**
 * Closes a position against those of the other side that are in profit, the most profitable and highest leveraged first,
 * at the mark before the present one (Hyperliquid "Auto-deleveraging").
 */
function deleverage(state: ExchangeState, account: ExchangeAccount, position: ExchangePosition): void {
  const market = state.marketOf(position.coin);
  const mark = markOf(market, position);
  const price = market.previousMark ?? mark;
  const winners = [...market.holders]
    .flatMap((holder) => {
      const held = holder.positions.get(position.coin);
      if (held === undefined || held.isLong === position.isLong) return [];
      const profit = unrealizedPnlOf(held, mark);
      if (profit.lessThanOrEqualTo(0)) return [];
      const { leverage } = settingOf(holder, market);
      return [{ holder, held, score: profit.dividedBy(held.cost).times(leverage) }];
    })
    .sort((a, b) => b.score.comparedTo(a.score) || (a.holder.name < b.holder.name ? -1 : 1));
  for (const { holder, held } of winners) {
    const left = account.positions.get(position.coin);
    if (left === undefined) return;
    cross(state, market, account, holder, left, price, Decimal.min(left.size, held.size));
    followPosition(state, holder, market);
  }
}

/** A trade between a liquidated account and whoever takes it over, beside the book. */
function cross(
  state: ExchangeState,
  market: Market,
  from: ExchangeAccount,
  to: ExchangeAccount,
  position: ExchangePosition,
  price: Decimal,
  size: Decimal,
): void {
  const tradeId = state.nextTradeId();
  const side = position.isLong ? 'sell' : 'buy';
  const order = forcedOrder(state, from, position, size, price, 'backstop');
  order.fill(size, price);
  const liquidation = liquidationOf(from, market, position, 'backstop');
  const terms = { tradeId, price, size, isFree: true };
  bookFill(state, from, market, { ...terms, orderId: order.orderId, side, crossed: true, liquidation });
  bookFill(state, to, market, {
    ...terms,
    orderId: to === state.backstop ? order.orderId : state.nextOrderId(),
    side: side === 'sell' ? 'buy' : 'sell',
    crossed: false,
    ...(to === state.backstop ? { liquidation } : { autoDeleveraged: true }),
  });
  tellTrade(state, market, { takerSide: side, price, size }, tradeId);
  endOrder(state, order, 'filled');
}

/** Moves what is left of a liquidated account's collateral to the backstop, or what is missing from there. */
function moveCollateral(state: ExchangeState, account: ExchangeAccount, amount: Decimal): void {
  if (amount.equals(zero)) return;
  account.cash = account.cash.minus(amount);
  state.backstop.cash = state.backstop.cash.plus(amount);
  state.write('transfer', account.name, { usd: amount.negated().toFixed() });
  state.write('transfer', state.backstop.name, { usd: amount.toFixed() });
}
