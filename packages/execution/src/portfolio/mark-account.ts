import { type Account, Decimal, minus, type Position, plus, sum, toUsd } from '@perpdesk/core';

/**
 * An account at the present marks of its positions. Equity moves with them; what is free to trade with does not rise with
 * profits that are not taken, and falls with the losses of cross positions.
 */
export function markAccount(told: Account, positions: readonly Position[], atMs: number): Account {
  const unrealizedPnl = sum(positions.map((position) => position.unrealizedPnl));
  const cross = sum(positions.filter(({ marginMode }) => marginMode === 'cross').map((each) => each.unrealizedPnl));
  const free = new Decimal(told.balance).minus(told.usedMargin).plus(Decimal.min(0, cross));
  return {
    ...told,
    unrealizedPnl,
    equity: plus(told.equity, minus(unrealizedPnl, told.unrealizedPnl)),
    availableMargin: toUsd(Decimal.max(0, Decimal.min(told.availableMargin, free))),
    atMs,
  };
}
