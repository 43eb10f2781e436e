import { Decimal, type MarginTier, toRate, toUsd } from '@perpdesk/core';

/**
 * A margin table from pairs of the notional a tier starts at and its maximum leverage, lowest first. The maintenance rate
 * of a tier is half the initial margin rate at its maximum leverage; deductions make the maintenance margin continuous.
 * Formulas: hyperliquid.gitbook.io/hyperliquid-docs/trading/margin-tiers.
 */
export function marginTiers(table: readonly (readonly [notionalFrom: number, maxLeverage: number])[]): MarginTier[] {
  let deduction = new Decimal(0);
  let previousRate = new Decimal(0);
  return table.map(([notionalFrom, maxLeverage], index) => {
    const rate = new Decimal(1).dividedBy(maxLeverage).dividedBy(2);
    if (index > 0) deduction = deduction.plus(rate.minus(previousRate).times(notionalFrom));
    previousRate = rate;
    return {
      notionalFrom: toUsd(notionalFrom),
      maxLeverage,
      maintenanceMarginRate: toRate(rate),
      maintenanceDeduction: toUsd(deduction),
    };
  });
}
