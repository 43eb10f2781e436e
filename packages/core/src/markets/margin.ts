import { Decimal, toUsd, type Usd } from '../decimal.ts';
import type { MarginTier } from '../domain/instrument.ts';
import { ValidationError } from '../errors/validation-error.ts';

/**
 * The tier that holds at a notional: the last whose `notionalFrom` is not above it.
 * @throws ValidationError `margin-tiers.invalid` when there is none, `notional.negative`
 */
export function tierAt(tiers: readonly MarginTier[], notional: Usd): MarginTier {
  const amount = new Decimal(notional);
  if (amount.isNegative() && !amount.isZero()) {
    throw new ValidationError('notional.negative', `A notional is unsigned, got ${notional}.`);
  }
  let found: MarginTier | undefined;
  for (const tier of tiers) if (amount.greaterThanOrEqualTo(tier.notionalFrom)) found = tier;
  if (found === undefined) {
    throw new ValidationError('margin-tiers.invalid', `No margin tier holds at a notional of ${notional}.`);
  }
  return found;
}

/**
 * What a position takes from the available margin when it is opened: notional / leverage.
 * @throws ValidationError `leverage.invalid` unless finite and above zero
 */
export function initialMargin(notional: Usd, leverage: number): Usd {
  if (!(leverage > 0 && Number.isFinite(leverage))) {
    throw new ValidationError('leverage.invalid', `A leverage is finite and above zero, got ${leverage}.`);
  }
  return toUsd(new Decimal(notional).dividedBy(leverage));
}

/**
 * The equity below which a position is liquidated: notional × rate − deduction of the tier at that notional, never below
 * zero (Binance "Leverage and Margin": maintenance amount; Hyperliquid "Margin tiers": maintenance deduction).
 * @throws ValidationError `margin-tiers.invalid`, `notional.negative`
 */
export function maintenanceMargin(tiers: readonly MarginTier[], notional: Usd): Usd {
  const tier = tierAt(tiers, notional);
  const margin = new Decimal(notional).times(tier.maintenanceMarginRate).minus(tier.maintenanceDeduction);
  return toUsd(Decimal.max(0, margin));
}
