import type { Decimal } from '@perpdesk/core';

/** What closing a linear position at the mark would realise: value − cost of a long, cost − value of a short. Exact. */
export function unrealizedPnlOf(
  position: { readonly isLong: boolean; readonly size: Decimal; readonly cost: Decimal },
  mark: Decimal,
): Decimal {
  const value = mark.times(position.size);
  return position.isLong ? value.minus(position.cost) : position.cost.minus(value);
}
