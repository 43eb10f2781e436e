import { Decimal } from '@perpdesk/core';

const plain = /^(?:\d{1,15})?(?:\.\d{1,15})?$/;
const grouped = /^[1-9]\d{0,2}(?:,\d{3}){1,4}(?:\.\d{1,15})?$/;

/** Zeros and points as they stand in decimals: `.5` as `0.5`, `007` as `7`. Undefined for nothing and for 0. */
function canonical(digits: string): string | undefined {
  if (!/\d/.test(digits)) return undefined;
  const value = new Decimal(digits.startsWith('.') ? `0${digits}` : digits);
  return value.greaterThan(0) && value.lessThan(1e15) ? value.toFixed() : undefined;
}

/**
 * A size: plain digits with a point, nothing else. `1,500` is a thousand five hundred to some and one and a half to others, and is not read.
 */
export const readSize = (word: string): string | undefined => (plain.test(word) ? canonical(word) : undefined);

/** A price: also with a `$` before it, thousands in groups of three, or `k` behind it. */
export function readPrice(word: string): string | undefined {
  const bare = word.startsWith('$') ? word.slice(1) : word;
  const inThousands = /^[\d.]+k$/i.test(bare);
  const digits = inThousands ? bare.slice(0, -1) : bare;
  if (!plain.test(digits) && !grouped.test(digits)) return undefined;
  const value = canonical(digits.replaceAll(',', ''));
  return value === undefined || !inThousands ? value : new Decimal(value).times(1_000).toFixed();
}

/** A share in percent, in (0, 100], with its sign: `50%`. */
export function readPercent(word: string): string | undefined {
  const value = word.endsWith('%') ? readSize(word.slice(0, -1)) : undefined;
  return value !== undefined && new Decimal(value).lessThanOrEqualTo(100) && /^\d{1,3}(?:\.\d{1,6})?$/.test(value)
    ? value
    : undefined;
}

/** Leverage, with its sign: `5x`. */
export const readLeverage = (word: string): string | undefined =>
  /^[\d.]+[x×]$/i.test(word) ? readSize(word.slice(0, -1)) : undefined;
