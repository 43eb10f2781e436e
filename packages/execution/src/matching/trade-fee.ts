import { Decimal } from '@perpdesk/core';

/** The fee of a trade: notional × rate, rounded against the payer at `decimals`; negative where the rate is a rebate. */
export const tradeFee = (notional: Decimal, rate: Decimal, decimals: number): Decimal =>
  notional.times(rate).toDecimalPlaces(decimals, Decimal.ROUND_CEIL);
