import { Decimal } from '@perpdesk/core';

/**
 * What a position receives (positive) or pays (negative) at one funding instant: notional × rate, longs paying where the
 * rate is positive (PRODUCT §5), rounded against the account at `decimals`.
 */
export function fundingAmount(
  position: { readonly isLong: boolean; readonly size: Decimal },
  terms: { readonly price: Decimal; readonly rate: Decimal; readonly decimals: number },
): Decimal {
  const amount = terms.price.times(position.size).times(terms.rate);
  return (position.isLong ? amount.negated() : amount).toDecimalPlaces(terms.decimals, Decimal.ROUND_FLOOR);
}
