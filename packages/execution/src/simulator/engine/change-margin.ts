import { Decimal } from '@perpdesk/core';
import { crossFigures, ordersMargin, positionFigures, settingOf } from './account-margin.ts';
import type { ExchangeAccount, ExchangePosition, MarginSetting } from './exchange-account.ts';
import type { ExchangeState, Market } from './exchange-state.ts';
import { tierOf } from './listed-asset.ts';
import { refusals } from './refusals.ts';

/**
 * Sets leverage and margin mode of a coin. An open position keeps its mode; a lower leverage takes the margin that is then
 * missing, a higher one gives none back. The refusal's words, if any.
 */
export function setLeverage(
  state: ExchangeState,
  account: ExchangeAccount,
  coin: string,
  setting: MarginSetting,
): string | undefined {
  const market = state.markets.get(coin);
  const refusal = market === undefined ? refusals.unknownCoin : changeSetting(state, account, market, setting);
  state.write('leverage', account.name, { coin, ...setting, ...(refusal === undefined ? {} : { error: refusal }) });
  return refusal;
}

function changeSetting(
  state: ExchangeState,
  account: ExchangeAccount,
  market: Market,
  setting: MarginSetting,
): string | undefined {
  const { leverage, marginMode } = setting;
  const { asset, coin } = market.listed;
  if (!Number.isSafeInteger(leverage) || leverage < 1 || leverage > asset.maxLeverage) return refusals.leverage;
  if (marginMode === 'cross' && asset.onlyIsolated === true) return refusals.crossNotAllowed;
  const position = account.positions.get(coin);
  if (position !== undefined && position.marginMode !== marginMode) return refusals.leverageType;
  if (position !== undefined) {
    const { notional } = positionFigures(state, account, position);
    if (leverage > tierOf(market.listed, notional).maxLeverage) return refusals.leverage;
  }
  const before = account.settings.get(coin);
  const lowers = leverage < settingOf(account, market).leverage;
  account.settings.set(coin, setting);
  const refusal = lowers ? coverLowering(state, account, position) : undefined;
  if (refusal === undefined) return undefined;
  if (before === undefined) account.settings.delete(coin);
  else account.settings.set(coin, before);
  return refusal;
}

function coverLowering(
  state: ExchangeState,
  account: ExchangeAccount,
  position: ExchangePosition | undefined,
): string | undefined {
  const free = freeMargin(state, account);
  if (position?.marginMode !== 'isolated') return free.isNegative() ? refusals.leverageMargin : undefined;
  const { initialMargin } = positionFigures(state, account, position);
  const missing = Decimal.max(0, initialMargin.minus(position.margin)).toDecimalPlaces(6, Decimal.ROUND_UP);
  if (missing.greaterThan(free)) return refusals.leverageMargin;
  moveMargin(account, position, missing);
  return undefined;
}

/** Moves margin into (positive) or out of an isolated position. The refusal's words, if any. */
export function adjustIsolatedMargin(
  state: ExchangeState,
  account: ExchangeAccount,
  coin: string,
  amount: Decimal,
): string | undefined {
  const position = account.positions.get(coin);
  const refusal =
    position?.marginMode === 'isolated' ? refuseMoving(state, account, position, amount) : refusals.noIsolatedPosition;
  const usd = amount.toFixed();
  state.write('leverage', account.name, { coin, marginUsd: usd, ...(refusal === undefined ? {} : { error: refusal }) });
  if (refusal !== undefined || position === undefined) return refusal;
  moveMargin(account, position, amount);
  return undefined;
}

/** What stays must cover the initial margin and a tenth of the notional (Hyperliquid "Margining"). */
function refuseMoving(
  state: ExchangeState,
  account: ExchangeAccount,
  position: ExchangePosition,
  amount: Decimal,
): string | undefined {
  if (amount.decimalPlaces() > 6) return refusals.isolatedMargin;
  if (!amount.isNegative()) {
    return amount.greaterThan(freeMargin(state, account)) ? refusals.isolatedMargin : undefined;
  }
  const { initialMargin, notional, unrealizedPnl } = positionFigures(state, account, position);
  const needed = Decimal.max(initialMargin, notional.dividedBy(10));
  const left = position.margin.plus(amount);
  return left.plus(unrealizedPnl).lessThan(needed) || left.isNegative() ? refusals.isolatedMargin : undefined;
}

function moveMargin(account: ExchangeAccount, position: ExchangePosition, amount: Decimal): void {
  account.cash = account.cash.minus(amount);
  account.positions.set(position.coin, { ...position, margin: position.margin.plus(amount) });
}

/** The cross value less everything held back; negative when it does not cover that. */
function freeMargin(state: ExchangeState, account: ExchangeAccount): Decimal {
  const { value, initialMargin } = crossFigures(state, account);
  return Decimal.min(value, value.minus(initialMargin).minus(ordersMargin(state, account)));
}
