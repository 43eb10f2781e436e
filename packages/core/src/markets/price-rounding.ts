import { Decimal, decimal, type Price, toPrice } from '../decimal.ts';
import type { PriceRule } from '../domain/instrument.ts';
import { ValidationError } from '../errors/validation-error.ts';

/** Which way a price goes when it lies between two allowed ones. `nearest` takes the even step of two equally near. */
export type PriceRounding = 'up' | 'down' | 'nearest';

const modes = {
  up: Decimal.ROUND_CEIL,
  down: Decimal.ROUND_FLOOR,
  nearest: Decimal.ROUND_HALF_EVEN,
} as const;

/** The distance of allowed prices around `price`. */
function stepAt(rule: PriceRule, price: Decimal): Decimal {
  if (rule.kind === 'tick') {
    const tick = new Decimal(rule.tick);
    if (!tick.isPositive() || tick.isZero()) {
      throw new ValidationError('price-rule.invalid', `A tick is above zero, got ${rule.tick}.`);
    }
    return tick;
  }
  const bySignificance = price.isZero() ? -rule.maxDecimals : price.e - rule.figures + 1;
  return new Decimal(10).pow(Math.min(0, Math.max(-rule.maxDecimals, bySignificance)));
}

/**
 * Rounds a price to what the venue takes. A price between zero and the first step becomes "0" when rounded down.
 *
 * Significant figures after Hyperliquid's "Tick and lot size": at most 5 figures and at most 6 − szDecimals decimals, whole
 * numbers always allowed (hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size).
 * @throws ValidationError `price-rule.invalid` when the tick is not above zero.
 * @example
 * roundPrice({ kind: 'significant-figures', figures: 5, maxDecimals: 1 }, toPrice('1234.56'), 'down') // '1234.5'
 */
export function roundPrice(rule: PriceRule, price: Price, rounding: PriceRounding): Price {
  const exact = new Decimal(price);
  return toPrice(exact.toNearest(stepAt(rule, exact), modes[rounding]));
}

/** True when the venue takes the price as it is. @throws ValidationError `price-rule.invalid` */
export function isOnRule(rule: PriceRule, price: Price): boolean {
  return new Decimal(roundPrice(rule, price, 'down')).equals(price);
}

/**
 * Turns a float price of market data into one the venue takes; with {@link sizeFromNumber} the one way from `number` to
 * what is sent or booked. The float is read to the 15 significant digits that float64 carries faithfully, so that
 * 0.1 + 0.2 is 0.3 and does not round up to the next tick.
 * @throws ValidationError `decimal.invalid` for NaN and infinities, `price.invalid` unless above zero, `price-rule.invalid`
 * @example
 * priceFromNumber({ kind: 'tick', tick: toPrice('0.1') }, 0.1 + 0.2, 'up') // '0.3'
 */
export function priceFromNumber(rule: PriceRule, value: number, rounding: PriceRounding): Price {
  const exact = faithful(value);
  if (exact.lessThanOrEqualTo(0)) throw new ValidationError('price.invalid', `A price is above zero, got ${value}.`);
  return toPrice(exact.toNearest(stepAt(rule, exact), modes[rounding]));
}

/** A float as a decimal, without the noise of its last bits. @throws ValidationError `decimal.invalid` */
export const faithful = (value: number): Decimal => decimal(value).toSignificantDigits(15);
