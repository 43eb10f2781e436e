import { Decimal as DecimalJs } from 'decimal.js';
import * as z from 'zod';
import { ValidationError } from './errors/validation-error.ts';

/**
 * The one arithmetic type for money, prices and sizes: decimal.js under a constructor of its own (40 significant digits,
 * banker's rounding, never exponent notation), so that no other library's settings can change a result.
 */
export const Decimal = DecimalJs.clone({
  precision: 40,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -9e15,
  toExpPos: 9e15,
});
export type Decimal = DecimalJs;

/** Plain decimal notation: no exponent, no sign but a leading minus, at most 30 digits on either side of the point. */
const decimalPattern = /^-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?$/;
const decimalSchema = z.string().regex(decimalPattern, 'must be a plain decimal string such as "61250.5"');

/** A price in quote units per base unit. */
export const priceSchema = decimalSchema.brand<'Price'>();
/** An unsigned quantity in base units (inverse contracts: in contracts). */
export const sizeSchema = decimalSchema.brand<'Size'>();
/** An amount of US dollars or of a dollar stablecoin. Signed. */
export const usdSchema = decimalSchema.brand<'Usd'>();
/** A dimensionless fraction: 0.0005 is 5 basis points. Signed. */
export const rateSchema = decimalSchema.brand<'Rate'>();

export type Price = z.infer<typeof priceSchema>;
export type Size = z.infer<typeof sizeSchema>;
export type Usd = z.infer<typeof usdSchema>;
export type Rate = z.infer<typeof rateSchema>;
/** Any of the branded decimals. */
export type DecimalString = Price | Size | Usd | Rate;
/** What becomes a decimal: a string in any numeric notation, a finite number, or a Decimal. */
export type DecimalInput = string | number | Decimal;

/** Texts that were read of late: sizes, triggers and balances are reckoned with again and again. */
const latest = new Map<string, Decimal>();
const keptTexts = 2_048;
const longestKept = 40;

/** Reads a text, mostly from memory: it takes a tenth. A Decimal never changes, so that all may have the same one. */
function read(text: string): Decimal {
  let value = latest.get(text);
  if (value === undefined) {
    value = new Decimal(text);
    if (latest.size >= keptTexts) latest.clear();
    if (text.length <= longestKept) latest.set(text, value);
  }
  return value;
}

/**
 * Reads a decimal.
 * @throws ValidationError `decimal.invalid` when the value is not a finite number or has more than 30 digits on a side.
 */
export function decimal(value: DecimalInput): Decimal {
  let result: Decimal;
  try {
    result = typeof value === 'string' ? read(value) : isOwn(value) ? value : new Decimal(value);
  } catch (cause) {
    throw new ValidationError('decimal.invalid', `${JSON.stringify(value)} is not a decimal number.`, { cause });
  }
  if (!result.isFinite()) throw new ValidationError('decimal.invalid', `${String(value)} is not a finite number.`);
  return result;
}

/** True for one of this module's constructor: another's would go on with its own settings. */
const isOwn = (value: number | Decimal): value is Decimal => typeof value === 'object' && value.constructor === Decimal;

function format(value: DecimalInput): string {
  const exact = decimal(value);
  const rounded = exact.decimalPlaces() > 30 ? exact.toDecimalPlaces(30) : exact;
  if (rounded.isZero()) return '0';
  const text = rounded.toFixed();
  if (rounded.e > 29) {
    throw new ValidationError('decimal.invalid', `${text} has more than 30 digits on a side of the point.`);
  }
  return text;
}

/** Makes a price. @throws ValidationError `decimal.invalid` */
export const toPrice = (value: DecimalInput): Price => format(value) as Price;
/** Makes a size. @throws ValidationError `decimal.invalid`, `size.negative` */
export function toSize(value: DecimalInput): Size {
  const text = format(value);
  if (text.startsWith('-')) throw new ValidationError('size.negative', `A size is unsigned, got ${text}.`);
  return text as Size;
}
/** Makes an amount of dollars. @throws ValidationError `decimal.invalid` */
export const toUsd = (value: DecimalInput): Usd => format(value) as Usd;
/** Makes a rate. @throws ValidationError `decimal.invalid` */
export const toRate = (value: DecimalInput): Rate => format(value) as Rate;

/** Zero dollars. */
export const zeroUsd: Usd = toUsd(0);
/** Zero size. */
export const zeroSize: Size = toSize(0);

/** a + b, exact to 30 decimals. */
export const plus = <T extends DecimalString>(a: T, b: T): T => format(read(a).plus(read(b))) as T;
/** a − b, exact to 30 decimals. The result may be negative, a Size included: check before use. */
export const minus = <T extends DecimalString>(a: T, b: T): T => format(read(a).minus(read(b))) as T;
/** The sum of all, "0" of none. */
export const sum = <T extends DecimalString>(values: Iterable<T>): T => {
  let total = read('0');
  for (const value of values) total = total.plus(read(value));
  return format(total) as T;
};
/** −a. */
export const negate = <T extends DecimalString>(a: T): T => format(read(a).negated()) as T;
/** |a|. */
export const absolute = <T extends DecimalString>(a: T): T => format(read(a).abs()) as T;
/** −1, 0 or 1 as a is below, equal to or above b. */
export const compare = <T extends DecimalString>(a: T, b: T): -1 | 0 | 1 => read(a).comparedTo(read(b)) as -1 | 0 | 1;
/** The smaller. */
export const minimum = <T extends DecimalString>(a: T, b: T): T => (compare(a, b) <= 0 ? a : b);
/** The larger. */
export const maximum = <T extends DecimalString>(a: T, b: T): T => (compare(a, b) >= 0 ? a : b);
/** True for 0, whatever its notation. */
export const isZero = (a: DecimalString): boolean => read(a).isZero();
/** price × size of a linear contract, in quote units. */
export const notional = (price: Price, size: Size): Usd => format(read(price).times(read(size))) as Usd;
/** amount × factor, rounded half-even at 30 decimals. */
export const scale = <T extends DecimalString>(amount: T, factor: DecimalInput): T =>
  format(read(amount).times(factor)) as T;
/** A float for charts, statistics and models. Never for what is sent to a venue or booked. */
export const toNumber = (a: DecimalString): number => (decimalPattern.test(a) ? Number(a) : read(a).toNumber());
