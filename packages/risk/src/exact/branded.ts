import { type Price, type Size, type Usd, ValidationError } from '@perpdesk/core';
import type { Exact } from './exact.ts';

const beyond = 10 ** 30;
const places = 30;

/** Cut to the digits that its text holds. */
export const asKept = (value: Exact): Exact => (value.places > places ? value.toDecimalPlaces(places) : value);

/** The text that core's decimal strings hold: at most 30 digits on either side of the point. */
function format(value: Exact): string {
  const text = asKept(value).toFixed();
  // Only a value near 10^30 has that many digits before the point.
  if (!value.isFinite() || (text.length > 30 && Math.abs(Number(text)) >= beyond))
    throw new ValidationError('decimal.invalid', `${text.slice(0, 80)} is no amount.`);
  return text;
}

/** An amount of dollars. @throws ValidationError `decimal.invalid` */
export const usdOf = (value: Exact): Usd => format(value) as Usd;
/** A price. @throws ValidationError `decimal.invalid` */
export const priceOf = (value: Exact): Price => format(value) as Price;
/** A size. @throws ValidationError `decimal.invalid`, `size.negative` */
export function sizeOf(value: Exact): Size {
  const text = format(value);
  if (text.startsWith('-')) throw new ValidationError('size.negative', `A size is unsigned, got ${text}.`);
  return text as Size;
}
