import { compare, Decimal, isFresh, type MarketView, type Position, toPrice, toUsd } from '@perpdesk/core';
import { averagePrice, type HeldPosition } from './held-position.ts';

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

/**
 * The same as it is to be protected and reckoned with: where fills came to more than the venue has said yet, it is the larger.
 * Less than it says counts once it says so.
 */
export function shownPosition(
  held: HeldPosition,
  marketView: MarketView,
): { readonly position: Position; readonly fresh: boolean } {
  const { cost, position, size } = held;
  if (compare(size, position.size) <= 0) return markPosition(held, marketView);
  const grown = new Decimal(size).dividedBy(position.size);
  const known: Position = {
    ...position,
    size,
    entryPrice: averagePrice(new Decimal(cost), new Decimal(size)),
    margin: toUsd(grown.times(position.margin).toDecimalPlaces(8, Decimal.ROUND_UP)),
  };
  return markPosition({ ...held, position: known }, marketView);
}
