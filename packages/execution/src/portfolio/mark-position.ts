import { compare, Decimal, decimal, isFresh, type MarketView, type Position, toPrice, toUsd } from '@perpdesk/core';
import { averagePrice, type HeldPosition } from './held-position.ts';

/** Each at the mark that was asked for last: what is held never changes, so that only another mark makes it another. */
const marked = new WeakMap<HeldPosition, { readonly mark: number; readonly position: Position }>();
/** Each as it is shown. */
const shown = new WeakMap<HeldPosition, HeldPosition>();

/** A position at the present mark, and whether that mark is fresh. Its profit is reckoned from its exact cost. */
export function markPosition(
  held: HeldPosition,
  marketView: MarketView,
): { readonly position: Position; readonly fresh: boolean } {
  const ticker = marketView.ticker(held.position.instrumentId);
  if (ticker === undefined) return { position: held.position, fresh: false };
  const { mark } = ticker.value;
  let known = marked.get(held);
  if (known?.mark !== mark) {
    known = { mark, position: positionAt(held, mark) };
    marked.set(held, known);
  }
  return { position: known.position, fresh: isFresh(ticker) };
}

function positionAt({ cost, position, size }: HeldPosition, price: number): Position {
  // To the 15 digits that a float carries faithfully.
  const mark = new Decimal(price).toSignificantDigits(15);
  // Between a fill and the venue's word on the position the cost is of another size.
  const paid =
    compare(size, position.size) === 0 ? decimal(cost) : decimal(position.entryPrice).times(decimal(position.size));
  const value = mark.times(decimal(position.size));
  const profit = position.direction === 'long' ? value.minus(paid) : paid.minus(value);
  return { ...position, markPrice: toPrice(mark), unrealizedPnl: toUsd(profit) };
}

/**
 * The same as it is to be protected and reckoned with: where fills came to more than the venue has said yet, it is the larger.
 * Less than it says counts once it says so.
 */
export function shownPosition(
  held: HeldPosition,
  marketView: MarketView,
): { readonly position: Position; readonly fresh: boolean } {
  let known = shown.get(held);
  if (known === undefined) {
    known = asShown(held);
    shown.set(held, known);
  }
  return markPosition(known, marketView);
}

function asShown(held: HeldPosition): HeldPosition {
  const { cost, position, size } = held;
  if (compare(size, position.size) <= 0) return held;
  const grown = new Decimal(size).dividedBy(position.size);
  return {
    ...held,
    position: {
      ...position,
      size,
      entryPrice: averagePrice(new Decimal(cost), new Decimal(size)),
      margin: toUsd(grown.times(position.margin).toDecimalPlaces(8, Decimal.ROUND_UP)),
    },
  };
}
