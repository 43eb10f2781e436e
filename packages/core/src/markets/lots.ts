import { Decimal, type Size, toSize } from '../decimal.ts';
import { ValidationError } from '../errors/validation-error.ts';
import { faithful } from './price-rounding.ts';

function lotOf(lot: Size): Decimal {
  const step = new Decimal(lot);
  if (!step.isPositive() || step.isZero()) throw new ValidationError('lot.invalid', `A lot is above zero, got ${lot}.`);
  return step;
}

/** The largest multiple of the lot that is not above the size. @throws ValidationError `lot.invalid` */
export const floorToLot = (lot: Size, size: Size): Size =>
  toSize(new Decimal(size).toNearest(lotOf(lot), Decimal.ROUND_FLOOR));

/** The smallest multiple of the lot that is not below the size. @throws ValidationError `lot.invalid` */
export const ceilToLot = (lot: Size, size: Size): Size =>
  toSize(new Decimal(size).toNearest(lotOf(lot), Decimal.ROUND_CEIL));

/** True when the size is a multiple of the lot. @throws ValidationError `lot.invalid` */
export const isOnLot = (lot: Size, size: Size): boolean => new Decimal(floorToLot(lot, size)).equals(size);

/**
 * Turns a float size into one the venue takes, rounded down to the lot. Read to 15 significant digits as
 * `priceFromNumber` does, so that 0.7 + 0.1 is eight lots of 0.1 and not seven.
 * @throws ValidationError `decimal.invalid` for NaN and infinities, `size.negative`, `lot.invalid`
 * @example
 * sizeFromNumber(toSize('0.1'), 0.7 + 0.1) // '0.8'
 */
export const sizeFromNumber = (lot: Size, value: number): Size =>
  toSize(faithful(value).toNearest(lotOf(lot), Decimal.ROUND_FLOOR));
