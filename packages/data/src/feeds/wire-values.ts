/** A JSON object whose fields are not known to be anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object, undefined when it is none. */
export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/** The value as a list, an empty one when it is none. */
export const rowsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text of 1 to 100 characters; undefined for anything else. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length > 0 && value.length <= 100 ? value : undefined;

/** An id: a text, or a whole number that a float holds exactly. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return textOf(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

const zero = 48;
const nine = 57;
const longestNumber = 40;

/**
 * A number of zero or more, sent as a number or as plain decimal text; NaN for anything else: signs, spaces, hexadecimals,
 * `Infinity`, empty text, booleans, lists.
 */
export function unsigned(value: unknown): number {
  if (typeof value === 'number') return value >= 0 && value < Number.POSITIVE_INFINITY ? value : Number.NaN;
  if (typeof value !== 'string' || value.length === 0 || value.length > longestNumber) return Number.NaN;
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(value.length - 1);
  if (first < zero || first > nine || last < zero || last > nine) return Number.NaN;
  // 0x1, 0b1 and 0o1 are numbers to JavaScript.
  if (value.length > 1 && value.charCodeAt(1) > nine && value.charCodeAt(1) !== 101) return Number.NaN;
  const parsed = +value;
  return parsed < Number.POSITIVE_INFINITY ? parsed : Number.NaN;
}

/** As {@link unsigned}, with a minus allowed. */
export function signed(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  return typeof value === 'string' && value.startsWith('-') ? -unsigned(value.slice(1)) : unsigned(value);
}

/** A whole number of zero or more, also sent as text; NaN for anything else. */
export function whole(value: unknown): number {
  const parsed = unsigned(value);
  return Number.isSafeInteger(parsed) ? parsed : Number.NaN;
}

/** ISO 8601 in UTC as milliseconds; NaN for anything else. */
export const isoMs = (value: unknown): number =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(value)
    ? Math.floor(Date.parse(value))
    : Number.NaN;
