import { Decimal, toRate, toUsd, type Usd } from '../decimal.ts';
import type { MarginTier } from '../domain/instrument.ts';
import { ValidationError } from '../errors/validation-error.ts';

/** A step of a margin table as venues publish it, before the deduction that joins it to the step below. */
export type BareTier = Omit<MarginTier, 'maintenanceDeduction'>;

/**
 * Joins steps into a table without jumps: each tier's deduction is the one below it plus `notionalFrom` times the rise of the rate
 * (Binance "Leverage and Margin of USDⓈ-M Futures": maintenance amount; Bybit "Maintenance margin": mm deduction; Hyperliquid
 * "Margin tiers": maintenance deduction).
 * @throws ValidationError `margin-tiers.invalid` unless the first starts at zero and notionals and rates rise
 */
export function continuousTiers(steps: readonly BareTier[]): readonly MarginTier[] {
  let [from, rate, deduction] = [new Decimal(0), new Decimal(0), new Decimal(0)];
  return steps.map((step, index) => {
    const next = new Decimal(step.notionalFrom);
    const nextRate = new Decimal(step.maintenanceMarginRate);
    const rises = index === 0 ? next.isZero() : next.greaterThan(from) && nextRate.greaterThanOrEqualTo(rate);
    if (!rises) {
      throw new ValidationError(
        'margin-tiers.invalid',
        `Margin tiers start at 0 and rise, got ${step.notionalFrom} at ${step.maintenanceMarginRate} as number ${index + 1}.`,
      );
    }
    if (index > 0) deduction = deduction.plus(next.times(nextRate.minus(rate)));
    [from, rate] = [next, nextRate];
    return { ...step, maintenanceDeduction: toUsd(deduction) };
  });
}

/**
 * Hyperliquid's table from its maximum leverages: maintenance is half the initial margin at the tier's maximum leverage,
 * 1 / (2·max leverage) (hyperliquid.gitbook.io/hyperliquid-docs/trading/margin-tiers).
 * @throws ValidationError `margin-tiers.invalid`
 * @example
 * leverageTiers([{ notionalFrom: toUsd(0), maxLeverage: 40 }])[0].maintenanceMarginRate // '0.0125'
 */
export const leverageTiers = (
  steps: readonly { readonly notionalFrom: Usd; readonly maxLeverage: number }[],
): readonly MarginTier[] =>
  continuousTiers(
    steps.map((step) => ({
      ...step,
      maintenanceMarginRate: toRate(new Decimal(1).dividedBy(step.maxLeverage).dividedBy(2)),
    })),
  );
