import { Decimal, isFresh, type MarketView, type Position, toPrice, toUsd } from '@perpdesk/core';
import type { HeldPosition } from './held-position.ts';

/** A position at the present mark, and whether that mark is fresh. Its profit is reckoned from its exact cost. */
export function markPosition(
  { cost, position, size }: HeldPosition,
  marketView: MarketView,
): { readonly position: Position; readonly fresh: boolean } {
  const ticker = marketView.ticker(position.instrumentId);
  if (ticker === undefined) return { position, fresh: false };
  // To the 15 digits that a float carries faithfully.
  const mark = new Decimal(ticker.value.mark).toSignificantDigits(15);
  // Between a fill and the venue's word on the position the cost is of another size.
  const paid = new Decimal(size).equals(position.size)
    ? new Decimal(cost)
    : new Decimal(position.entryPrice).times(position.size);
  const value = mark.times(position.size);
  const profit = position.direction === 'long' ? value.minus(paid) : paid.minus(value);
  return {
    position: { ...position, markPrice: toPrice(mark), unrealizedPnl: toUsd(profit) },
    fresh: isFresh(ticker),
  };
}
