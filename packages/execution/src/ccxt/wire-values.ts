import { Decimal, VenueError } from '@perpdesk/core';

/** A JSON object whose fields are not known to be anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object, undefined when it is none. */
export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/** A text that says something; whole numbers count as their digits. Undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

const plainNumber = /^-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?$/;

/** A number as it was written, exactly; undefined for anything that is none. */
export function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? new Decimal(value) : undefined;
  return typeof value === 'string' && plainNumber.test(value) ? new Decimal(value) : undefined;
}

/** As {@link decimalOf}; undefined also for zero, which venues write where there is none. */
export function amountOf(value: unknown): Decimal | undefined {
  const amount = decimalOf(value);
  return amount === undefined || amount.isZero() ? undefined : amount;
}

/** What the venue wrote can not be read: nothing follows from it, least of all that there is nothing. */
export const unreadable = (venue: string, what: string): VenueError =>
  new VenueError('venue.unreachable', `The answer of ${venue} can not be read: ${what}.`, { retryable: true });

/** The venue said that it does not do it. */
export const refusedBy = (venue: string, message: string): VenueError =>
  new VenueError('venue.refused', `${venue} refused: ${message.slice(0, 200)}`);

/** A list, in an answer that must have one. @throws VenueError `venue.unreachable` */
export function requireRows(venue: string, value: unknown, what: string): readonly Fields[] {
  if (!Array.isArray(value)) throw unreadable(venue, what);
  return value.map((row) => {
    const fields = fieldsOf(row);
    if (fields === undefined) throw unreadable(venue, what);
    return fields;
  });
}

/** A number, in an answer that must have one. @throws VenueError `venue.unreachable` */
export function requireDecimal(venue: string, value: unknown, what: string): Decimal {
  const amount = decimalOf(value);
  if (amount === undefined) throw unreadable(venue, what);
  return amount;
}

/** A text, in an answer that must have one. @throws VenueError `venue.unreachable` */
export function requireText(venue: string, value: unknown, what: string): string {
  const text = textOf(value);
  if (text === undefined) throw unreadable(venue, what);
  return text;
}

/** An instant of the venue in ms. @throws VenueError `venue.unreachable` */
export function requireMs(venue: string, value: unknown, what: string): number {
  const ms = requireDecimal(venue, value, what);
  if (!ms.isInteger() || ms.isNegative() || ms.greaterThan(Number.MAX_SAFE_INTEGER)) throw unreadable(venue, what);
  return ms.toNumber();
}

/**
 * Parses JSON with every number left as its text: no size, price or id goes through a float. Undefined when it is no JSON.
 */
export function parseExactly(text: string): unknown {
  // The source of a value is given by engines of 2024 and later; TypeScript does not know yet.
  const keepText = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value;
  try {
    return JSON.parse(text, keepText as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}
