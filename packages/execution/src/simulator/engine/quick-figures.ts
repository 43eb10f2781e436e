import { settingOf } from './account-margin.ts';
import type { ExchangeAccount, ExchangePosition } from './exchange-account.ts';
import type { ExchangeState, Market } from './exchange-state.ts';

/** An account's cross part in floats, and how wrong they may be. */
export interface QuickFigures {
  readonly value: number;
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  /** Far above what float64 can be off by in these sums. */
  readonly slack: number;
}

/** A millionth of a millionth of what was added up would do; this is a thousand times that. */
const relativeSlack = 1e-9;

/**
 * The cross figures in floats: a screen before the exact ones, which cost twenty times as much. A comparison that holds by
 * more than `slack` holds exactly; one that does not has to be made in decimals. Nothing is booked by them.
 */
export function quickFigures(state: ExchangeState, account: ExchangeAccount): QuickFigures {
  let value = account.cash.toNumber();
  let gross = Math.abs(value);
  let initialMargin = 0;
  let maintenanceMargin = 0;
  for (const position of account.positions.values()) {
    if (position.marginMode === 'isolated') continue;
    const market = state.marketOf(position.coin);
    const { notional, pnl, maintenance } = quickPosition(market, position);
    value += pnl;
    gross += notional + position.costFloat;
    initialMargin += notional / settingOf(account, market).leverage;
    maintenanceMargin += maintenance;
  }
  return { value, initialMargin, maintenanceMargin, slack: gross * relativeSlack };
}

/** True when an isolated position's equity surely covers its maintenance margin. */
export function isSurelyCovered(state: ExchangeState, position: ExchangePosition): boolean {
  const { notional, pnl, maintenance } = quickPosition(state.marketOf(position.coin), position);
  const margin = position.margin.toNumber();
  return margin + pnl - maintenance > (notional + position.costFloat + Math.abs(margin)) * relativeSlack;
}

function quickPosition(
  { mark, markFloat, listed }: Market,
  { sizeFloat, costFloat, isLong }: ExchangePosition,
): { readonly notional: number; readonly pnl: number; readonly maintenance: number } {
  const notional = mark === undefined ? costFloat : markFloat * sizeFloat;
  let { rate, deduction } = { rate: 0, deduction: 0 };
  for (const tier of listed.floatTiers) if (notional >= tier.from) ({ rate, deduction } = tier);
  return {
    notional,
    pnl: isLong ? notional - costFloat : costFloat - notional,
    // Near a step either tier gives the same: the margin is continuous.
    maintenance: Math.max(0, notional * rate - deduction),
  };
}

/** The margin held back for orders in floats, with one more of a notional that is taken to open in full: never too low. */
export function quickOrdersMargin(
  state: ExchangeState,
  account: ExchangeAccount,
  extra: { readonly coin: string; readonly notional: number },
): number {
  let margin = extra.notional / settingOf(account, state.marketOf(extra.coin)).leverage;
  for (const [coin, { buy, sell }] of account.exposure) {
    if (buy.size.isZero() && sell.size.isZero()) continue;
    const notional = Math.max(buy.notional.toNumber(), sell.notional.toNumber());
    margin += notional / settingOf(account, state.marketOf(coin)).leverage;
  }
  return margin;
}
