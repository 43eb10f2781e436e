import { Decimal } from '@perpdesk/core';

/** What a position holds, whatever its side. */
export interface HeldPart {
  /** Above zero, in base units. */
  readonly size: Decimal;
  /** Σ price·size of what is held. Kept instead of an average price, which a division would have rounded. */
  readonly cost: Decimal;
  readonly margin: Decimal;
}

/**
 * Takes a part out of a position: the cost that goes with it, and what stays (undefined when nothing does). The released
 * cost is rounded to 18 decimals and what stays is the exact rest, so that over a position's life the roundings sum to
 * nothing. Of the margin the larger share stays, rounded up at 8 decimals.
 */
export function releasePart(held: HeldPart, part: Decimal): { readonly cost: Decimal; readonly rest?: HeldPart } {
  if (part.equals(held.size)) return { cost: held.cost };
  const cost = held.cost.times(part).dividedBy(held.size).toDecimalPlaces(18);
  const size = held.size.minus(part);
  return {
    cost,
    rest: {
      size,
      cost: held.cost.minus(cost),
      margin: held.margin.times(size).dividedBy(held.size).toDecimalPlaces(8, Decimal.ROUND_UP),
    },
  };
}
