import { Decimal } from '@perpdesk/core';

/**
 * The price at which a position has lost `budget`, rounded at 12 decimals so that the loss does not exceed it. Zero or
 * less for a long that can not lose that much.
 */
export function bankruptcyPrice(
  position: { readonly isLong: boolean; readonly size: Decimal; readonly cost: Decimal },
  budget: Decimal,
): Decimal {
  const { isLong, size, cost } = position;
  return (isLong ? cost.minus(budget) : cost.plus(budget))
    .dividedBy(size)
    .toDecimalPlaces(12, isLong ? Decimal.ROUND_UP : Decimal.ROUND_DOWN);
}
