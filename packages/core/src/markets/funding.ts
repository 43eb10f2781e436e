import { Decimal, type Price, type Rate, type Size, toUsd, type Usd } from '../decimal.ts';
import type { TradeDirection } from '../domain/opinion.ts';
import { ValidationError } from '../errors/validation-error.ts';

/**
 * What a position receives (positive) or pays (negative) at one funding settlement: notional at the mark × rate. A positive
 * rate means that longs pay shorts (PRODUCT §5).
 */
export function fundingPayment(options: {
  readonly direction: TradeDirection;
  readonly size: Size;
  readonly markPrice: Price;
  /** A fraction of notional for the interval that ends now. */
  readonly rate: Rate;
}): Usd {
  const amount = new Decimal(options.markPrice).times(options.size).times(options.rate);
  return toUsd(options.direction === 'long' ? amount.negated() : amount);
}

/**
 * The first settlement after `atMs`: settlements fall on multiples of the interval since the epoch, UTC.
 * @throws ValidationError `funding-interval.invalid` unless a whole number above zero
 */
export function nextFundingAtMs(intervalMs: number, atMs: number): number {
  if (!Number.isSafeInteger(intervalMs) || intervalMs <= 0) {
    throw new ValidationError(
      'funding-interval.invalid',
      `A funding interval is in whole milliseconds above zero, got ${intervalMs}.`,
    );
  }
  return (Math.floor(atMs / intervalMs) + 1) * intervalMs;
}
