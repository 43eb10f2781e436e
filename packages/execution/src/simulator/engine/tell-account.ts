import { type Decimal, liquidationPrice, toPrice, toSize, toUsd } from '@perpdesk/core';
import { crossFigures, ordersMargin, positionFigures, settingOf, withdrawableOf } from './account-margin.ts';
import type { ExchangeAccount, ExchangePosition } from './exchange-account.ts';
import type { EngineAccount, EnginePosition } from './exchange-engine.ts';
import type { ExchangeState } from './exchange-state.ts';

/** An account as the exchange tells it, at the present marks. */
export function tellAccount(state: ExchangeState, account: ExchangeAccount): EngineAccount {
  const cross = crossFigures(state, account);
  let value = cross.value;
  let marginUsed = cross.initialMargin;
  let notional = cross.notional;
  for (const position of account.positions.values()) {
    if (position.marginMode === 'cross') continue;
    const figures = positionFigures(state, account, position);
    const equity = position.margin.plus(figures.unrealizedPnl);
    value = value.plus(equity);
    marginUsed = marginUsed.plus(equity);
    notional = notional.plus(figures.notional);
  }
  return {
    account: account.name,
    accountValue: toUsd(value),
    totalMarginUsed: toUsd(marginUsed),
    totalNotional: toUsd(notional),
    withdrawable: toUsd(withdrawableOf(cross, ordersMargin(state, account))),
    crossMaintenanceMarginUsed: toUsd(cross.maintenanceMargin),
    positions: [...account.positions.values()].map((position) => tellPosition(state, account, position, cross)),
  };
}

function tellPosition(
  state: ExchangeState,
  account: ExchangeAccount,
  position: ExchangePosition,
  cross: { readonly value: Decimal; readonly maintenanceMargin: Decimal },
): EnginePosition {
  const market = state.marketOf(position.coin);
  const figures = positionFigures(state, account, position);
  const isIsolated = position.marginMode === 'isolated';
  const price = liquidationPrice({
    direction: position.isLong ? 'long' : 'short',
    entryPrice: toPrice(position.cost.dividedBy(position.size)),
    size: toSize(position.size),
    // Of a cross position: what the account has beside it, less what the other cross positions need.
    margin: toUsd(
      isIsolated
        ? position.margin
        : cross.value.minus(figures.unrealizedPnl).minus(cross.maintenanceMargin).plus(figures.maintenanceMargin),
    ),
    tiers: market.listed.tiers,
  });
  return {
    coin: position.coin,
    size: account.signedSize(position.coin).toFixed(),
    entryPrice: toPrice(position.cost.dividedBy(position.size)),
    leverage: settingOf(account, market).leverage,
    marginMode: position.marginMode,
    marginUsed: toUsd(isIsolated ? position.margin.plus(figures.unrealizedPnl) : figures.initialMargin),
    unrealizedPnl: toUsd(figures.unrealizedPnl),
    positionValue: toUsd(figures.notional),
    ...(price === undefined ? {} : { liquidationPrice: price }),
    fundingSinceOpen: toUsd(position.funding),
  };
}
