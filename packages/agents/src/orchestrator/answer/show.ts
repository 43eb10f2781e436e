import { Decimal, type DecimalInput } from '@perpdesk/core';

/** Digits with commas before each third. */
const grouped = (digits: string): string => {
  const [whole = '', rest] = digits.split('.');
  const commas = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return rest === undefined ? commas : `${commas}.${rest}`;
};

/** A price or a size, exactly. */
export const showExact = (value: DecimalInput): string => grouped(new Decimal(value).toFixed());
/** A price of market data, at most 8 significant digits. */
export const showPrice = (value: number): string => grouped(new Decimal(value).toSignificantDigits(8).toFixed());
/** Dollars, to the cent. */
export const showUsd = (value: DecimalInput): string => {
  const cents = new Decimal(value).toDecimalPlaces(2);
  return `${cents.isNegative() && !cents.isZero() ? '−' : ''}$${grouped(cents.abs().toFixed(2))}`;
};
/** A fraction in percent, to a tenth. */
export const showPercent = (fraction: DecimalInput): string => {
  const tenths = new Decimal(fraction).times(100).toDecimalPlaces(1);
  return `${tenths.isNegative() && !tenths.isZero() ? '−' : ''}${tenths.abs().toFixed()} %`;
};
/** A measure of an agent: four significant digits. */
export const showMeasure = (value: number): string =>
  Number.isFinite(value) ? new Decimal(value).toSignificantDigits(4).toFixed() : 'unknown';

/** An instant, in UTC to the minute. */
export const showTime = (atMs: number): string =>
  Number.isFinite(atMs) && Math.abs(atMs) <= 8.64e15
    ? `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'an unknown time';

/** How long ago, in the largest fitting unit, down. */
export function showAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** With a capital at its beginning. */
export const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;

/** `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
