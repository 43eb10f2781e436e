import { decimal, ValidationError } from '@perpdesk/core';

/** What becomes an Exact: plain decimal text, a finite number (read in its shortest notation), or one already. */
export type ExactInput = Exact | string | number;
/** What is done with digits that are cut off: towards zero, away from zero, or to the nearest, the even one of two. */
export type ExactRounding = 'down' | 'up' | 'half-even';

/** Digits after the point that a division keeps: as many as core's decimal strings hold. */
const divisionPlaces = 30;
/** Digits after the point of what a budget buys: finer than any venue's lot. */
const budgetPlaces = 12;
const largest = Number.MAX_SAFE_INTEGER;
const powers: readonly number[] = Array.from({ length: 16 }, (_, places) => 10 ** places);
const bigPowers: bigint[] = [];

/**
 * An exact decimal number for the gate's hot path: whole units of 10^−places, in a safe integer where it fits and in a bigint
 * where it does not. Sums, differences and products are exact without limit; only a division rounds, half-even at 30 places.
 * Several times faster than core's Decimal, which stays the arithmetic of everything that is stored, shown or sent, and of the
 * oracle that the gate is judged by. What is no number (NaN, an infinity, x/0) compares as false with everything, so that a
 * rule asked as "is it within?" refuses.
 */
export class Exact {
  readonly units: number | bigint;
  readonly places: number;
  #text: string | undefined;

  /** @internal Use {@link exact}. */
  constructor(units: number | bigint, places: number) {
    this.units = units;
    this.places = places;
  }

  plus(value: ExactInput): Exact {
    const other = exact(value);
    // Much is added to nothing: to no position, to nothing pending.
    if (other.units === 0 && other.places <= this.places) return this;
    if (this.units === 0 && this.places <= other.places) return other;
    if (typeof this.units === 'number' && typeof other.units === 'number') {
      const places = Math.max(this.places, other.places);
      const sum = raised(this.units, places - this.places) + raised(other.units, places - other.places);
      if (sum <= largest && sum >= -largest) return new Exact(sum + 0, places);
    }
    return this.#big(other, bigSum);
  }

  minus(value: ExactInput): Exact {
    const other = exact(value);
    if (other.units === 0 && other.places <= this.places) return this;
    if (typeof this.units === 'number' && typeof other.units === 'number') {
      const places = Math.max(this.places, other.places);
      const difference = raised(this.units, places - this.places) - raised(other.units, places - other.places);
      if (difference <= largest && difference >= -largest) return new Exact(difference + 0, places);
    }
    return this.#big(other, bigDifference);
  }

  times(value: ExactInput): Exact {
    const other = exact(value);
    const places = this.places + other.places;
    if (typeof this.units === 'number' && typeof other.units === 'number') {
      const product = this.units * other.units;
      if (product <= largest && product >= -largest) return new Exact(product + 0, places);
    }
    if (!this.isFinite() || !other.isFinite()) return notANumber;
    return fromBig(BigInt(this.units) * BigInt(other.units), places);
  }

  /** The quotient, rounded half-even at 30 places; no number where the divisor is zero. */
  dividedBy(value: ExactInput): Exact {
    const other = exact(value);
    if (!this.isFinite() || !other.isFinite() || other.isZero()) return notANumber;
    return exactQuotient(this, other) ?? roundedQuotient(this, other);
  }

  /**
   * The quotient rounded down at 12 places, both above zero: how much of something a budget buys. Less digits than a division
   * keeps, so that what is reckoned on with it stays in whole numbers.
   */
  buys(price: ExactInput): Exact {
    const other = exact(price);
    if (!this.isFinite() || !other.isFinite() || other.isZero()) return notANumber;
    const shift = budgetPlaces + other.places - this.places;
    if (typeof this.units === 'number' && typeof other.units === 'number' && shift >= 0) {
      const quotient = wholeQuotient(this.units, shift, other.units);
      if (quotient !== undefined) return new Exact(quotient, budgetPlaces);
    }
    const a = BigInt(this.units) * (shift > 0 ? bigPower(shift) : 1n);
    const b = BigInt(other.units) * (shift < 0 ? bigPower(-shift) : 1n);
    return fromBig(a / b, budgetPlaces);
  }

  /** How often `step`, above zero, fits wholly: towards zero. */
  dividedToIntegerBy(step: ExactInput): Exact {
    const other = exact(step);
    const rest = this.modulo(other);
    return this.minus(rest).dividedBy(other);
  }

  /** What is left of it beyond whole multiples of `step`, with its own sign. */
  modulo(step: ExactInput): Exact {
    const other = exact(step);
    if (other.isZero()) return notANumber;
    if (typeof this.units === 'number' && typeof other.units === 'number') {
      const places = Math.max(this.places, other.places);
      const a = raised(this.units, places - this.places);
      const b = raised(other.units, places - other.places);
      if (a <= largest && a >= -largest && b <= largest && b >= -largest) return new Exact((a % b) + 0, places);
    }
    return this.#big(other, bigRest);
  }

  /** The largest multiple of `step` that is not above it. For what is not below zero. */
  floorTo(step: ExactInput): Exact {
    const other = exact(step);
    if (typeof this.units === 'number' && typeof other.units === 'number' && other.units !== 0) {
      const places = Math.max(this.places, other.places);
      const a = raised(this.units, places - this.places);
      const b = raised(other.units, places - other.places);
      // Whole steps have no more digits than one: what is reckoned on with them stays short.
      if (a <= largest && a >= -largest && b <= largest && b >= -largest)
        return new Exact((a - (a % b)) / raised(1, places - other.places), other.places);
    }
    return this.minus(this.modulo(other));
  }

  /** The smallest multiple of `step` that is not below it. For what is not below zero. */
  ceilTo(step: ExactInput): Exact {
    const rest = this.modulo(step);
    return rest.isZero() ? this : this.minus(rest).plus(step);
  }

  /** Its square root at 12 places, rounded as asked; no number below zero. */
  squareRoot(rounding: 'down' | 'up'): Exact {
    if (!this.greaterThanOrEqualTo(0)) return notANumber;
    const shift = 2 * budgetPlaces - this.places;
    const raisedUnits = BigInt(this.units) * bigPower(Math.max(shift, 0));
    const square = shift >= 0 ? raisedUnits : roundedDivision(raisedUnits, bigPower(-shift), rounding);
    const root = integerRoot(square);
    return fromBig(rounding === 'up' && root * root < square ? root + 1n : root, budgetPlaces);
  }

  negated(): Exact {
    return new Exact(typeof this.units === 'number' ? 0 - this.units : -this.units, this.places);
  }

  abs(): Exact {
    return this.units < 0 ? this.negated() : this;
  }

  /** Below zero, zero or above it as this is less than, equal to or more than the other; NaN when either is no number. */
  comparedTo(value: ExactInput): number {
    // Whether something is above zero is asked most.
    if (value === 0) return typeof this.units === 'number' ? this.units : this.units > 0n ? 1 : -1;
    const other = exact(value);
    if (typeof this.units === 'number' && typeof other.units === 'number') {
      if (this.places === other.places) return this.units - other.units;
      const places = Math.max(this.places, other.places);
      const a = raised(this.units, places - this.places);
      const b = raised(other.units, places - other.places);
      if (a <= largest && a >= -largest && b <= largest && b >= -largest) return a - b;
    }
    if (!this.isFinite() || !other.isFinite()) return Number.NaN;
    const places = Math.max(this.places, other.places);
    const a = BigInt(this.units) * bigPower(places - this.places);
    const b = BigInt(other.units) * bigPower(places - other.places);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  lessThan(value: ExactInput): boolean {
    return this.comparedTo(value) < 0;
  }

  lessThanOrEqualTo(value: ExactInput): boolean {
    return this.comparedTo(value) <= 0;
  }

  greaterThan(value: ExactInput): boolean {
    return this.comparedTo(value) > 0;
  }

  greaterThanOrEqualTo(value: ExactInput): boolean {
    return this.comparedTo(value) >= 0;
  }

  equals(value: ExactInput): boolean {
    return this.comparedTo(value) === 0;
  }

  isZero(): boolean {
    return typeof this.units === 'number' ? this.units === 0 : this.units === 0n;
  }

  /** False for what is no number. */
  isFinite(): boolean {
    return typeof this.units === 'bigint' || !Number.isNaN(this.units);
  }

  /** Cuts to so many digits after the point. Default half-even. */
  toDecimalPlaces(places: number, rounding: ExactRounding = 'half-even'): Exact {
    const cut = this.places - places;
    if (cut <= 0 || !this.isFinite()) return this;
    return fromBig(roundedDivision(BigInt(this.units), bigPower(cut), rounding), places);
  }

  /** Its shortest plain notation: no exponent, no trailing zeros. */
  toFixed(): string {
    this.#text ??= textOf(this);
    return this.#text;
  }

  toString(): string {
    return this.toFixed();
  }

  toJSON(): string {
    return this.toFixed();
  }

  toNumber(): number {
    return Number(this.toFixed());
  }

  static min(first: ExactInput, ...others: readonly ExactInput[]): Exact {
    let found = exact(first);
    for (const other of others) {
      const value = exact(other);
      if (!value.isFinite() || value.lessThan(found)) found = value;
    }
    return found;
  }

  static max(first: ExactInput, ...others: readonly ExactInput[]): Exact {
    let found = exact(first);
    for (const other of others) {
      const value = exact(other);
      if (!value.isFinite() || value.greaterThan(found)) found = value;
    }
    return found;
  }

  #big(other: Exact, act: (a: bigint, b: bigint) => bigint): Exact {
    if (!this.isFinite() || !other.isFinite()) return notANumber;
    const places = Math.max(this.places, other.places);
    const a = BigInt(this.units) * bigPower(places - this.places);
    const b = BigInt(other.units) * bigPower(places - other.places);
    return fromBig(act(a, b), places);
  }
}

const bigSum = (a: bigint, b: bigint): bigint => a + b;
const bigDifference = (a: bigint, b: bigint): bigint => a - b;
const bigRest = (a: bigint, b: bigint): bigint => a % b;

/** Small whole numbers, made once: leverages and what is compared with. */
const smallWhole: readonly Exact[] = Array.from({ length: 128 }, (_, units) => new Exact(units, 0));
/** Zero. */
export const zero: Exact = smallWhole[0] ?? new Exact(0, 0);
const notANumber = new Exact(Number.NaN, 0);

/** Reads an exact decimal. @throws ValidationError `decimal.invalid` for what is no numeric notation. */
export function exact(value: ExactInput): Exact {
  if (typeof value === 'object') return value;
  if (typeof value === 'string') return fromText(value);
  if (Number.isSafeInteger(value)) return smallWhole[value] ?? new Exact(value + 0, 0);
  return Number.isFinite(value) ? fromText(String(value)) : notANumber;
}

/** Digits of at most 15 places are read by hand: most amounts are, and it is ten times faster than a pattern. */
function fromText(text: string): Exact {
  const { length } = text;
  if (length === 0 || length > 16) return fromLongText(text);
  let units = 0;
  let point = -1;
  const negative = text.charCodeAt(0) === 45;
  let at = negative ? 1 : 0;
  if (at === length) return fromLongText(text);
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) units = units * 10 + (code - 48);
    else if (code === 46 && point < 0 && at > 0 && at < length - 1) point = at;
    else return fromLongText(text);
  }
  if (units > largest) return fromLongText(text);
  return new Exact(negative ? 0 - units : units, point < 0 ? 0 : length - 1 - point);
}

function fromLongText(text: string): Exact {
  const point = plainPoint(text);
  if (point === text.length) return fromBig(BigInt(text), 0);
  if (point >= 0) return fromBig(BigInt(text.slice(0, point) + text.slice(point + 1)), text.length - 1 - point);
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return notANumber;
  // Exponents: what String makes of very small and very large numbers.
  const plain = /^-?\d+(?:\.\d+)?e[+-]?\d{1,3}$/.test(text) ? decimal(text).toFixed() : '';
  if (plain === '' || plain.length > 120)
    throw new ValidationError('decimal.invalid', `"${text.slice(0, 80)}" is no plain decimal number.`);
  return fromLongText(plain);
}

/** Where the point of a plain notation is, its length where it has none; -1 for any other text. */
function plainPoint(text: string): number {
  const { length } = text;
  const first = text.charCodeAt(0) === 45 ? 1 : 0;
  if (length === first || length > 120) return -1;
  let point = length;
  for (let at = first; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) continue;
    if (code !== 46 || point !== length || at === first || at === length - 1) return -1;
    point = at;
  }
  return point;
}

const raised = (units: number, places: number): number =>
  places === 0 ? units : units * (powers[places] ?? Number.NaN);

function bigPower(places: number): bigint {
  let power = bigPowers[places];
  if (power === undefined) {
    power = 10n ** BigInt(places);
    bigPowers[places] = power;
  }
  return power;
}

const fromBig = (units: bigint, places: number): Exact =>
  new Exact(units <= largest && units >= -largest ? Number(units) : units, places);

/** ⌊a·10^shift / b⌋ of what is above zero, in safe integers where they hold it: in one go, else as by hand, six digits later. */
function wholeQuotient(a: number, shift: number, b: number): number | undefined {
  if (!(a > 0 && b > 0)) return undefined;
  const scaled = raised(a, shift);
  if (scaled <= largest) return floored(scaled, b);
  const first = raised(a, shift - 6);
  if (shift < 6 || first > largest || b > largest / 1e6) return undefined;
  const high = floored(first, b);
  const quotient = high * 1e6 + floored((first - high * b) * 1e6, b);
  return quotient <= largest ? quotient : undefined;
}

/** ⌊a / b⌋. A float's quotient may be rounded up to the next whole number, never down past one. */
function floored(a: number, b: number): number {
  const quotient = Math.floor(a / b);
  return quotient * b > a ? quotient - 1 : quotient;
}

/** The quotient where it comes out even in safe integers. */
function exactQuotient(dividend: Exact, divisor: Exact): Exact | undefined {
  const { units: a } = dividend;
  const { units: b } = divisor;
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  if (a === 0) return zero;
  const size = Math.abs(a);
  for (const power of [1, 1_000, 1_000_000, 1_000_000_000]) {
    if (size * power > largest) return undefined;
    const scaled = a * power;
    if (scaled % b !== 0) continue;
    const places = dividend.places + Math.round(Math.log10(power)) - divisor.places;
    const quotient = scaled / b;
    if (places >= 0) return trimmed(quotient, places);
    const whole = raised(quotient, -places);
    return whole <= largest && whole >= -largest ? new Exact(whole, 0) : undefined;
  }
  return undefined;
}

function trimmed(units: number, places: number): Exact {
  let [whole, left] = [units, places];
  while (left > 0 && whole % 10 === 0) {
    whole /= 10;
    left -= 1;
  }
  return new Exact(whole, left);
}

function roundedQuotient(dividend: Exact, divisor: Exact): Exact {
  const shift = divisionPlaces + divisor.places - dividend.places;
  const a = BigInt(dividend.units) * (shift > 0 ? bigPower(shift) : 1n);
  const b = BigInt(divisor.units) * (shift < 0 ? bigPower(-shift) : 1n);
  return fromBig(roundedDivision(a, b, 'half-even'), divisionPlaces);
}

/** ⌊√value⌋ by Newton's iteration from above. */
function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function roundedDivision(a: bigint, b: bigint, rounding: ExactRounding): bigint {
  const quotient = a / b;
  const rest = a % b;
  if (rest === 0n || rounding === 'down') return quotient;
  const away = a < 0n === b < 0n ? 1n : -1n;
  if (rounding === 'up') return quotient + away;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const whole = b < 0n ? -b : b;
  return twice > whole || (twice === whole && quotient % 2n !== 0n) ? quotient + away : quotient;
}

function shortText(size: number, places: number): string {
  let units = size;
  let left = places;
  // A tenth that is not whole is a tenth off at least: of 15 digits a float's quotient tells it, and faster than a remainder does.
  for (let tenth = units / 10; left > 0 && Math.floor(tenth) === tenth; tenth = units / 10) {
    units = tenth;
    left -= 1;
  }
  if (left === 0) return String(units);
  // Of 15 digits the quotient is at most a ninth of the last digit off, so that rounding to that digit gives them back.
  return (units / (powers[left] ?? Number.NaN)).toFixed(left);
}

function textOf({ units, places }: Exact): string {
  if (places === 0) return String(units);
  if (typeof units === 'number') {
    const size = Math.abs(units);
    if (size < 1e15 && places < powers.length) return (units < 0 ? '-' : '') + shortText(size, places);
  }
  const negative = units < 0;
  const digits = String(negative ? -units : units).padStart(places + 1, '0');
  let end = digits.length;
  const point = end - places;
  while (end > point && digits.charCodeAt(end - 1) === 48) end -= 1;
  const text = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
  return negative ? `-${text}` : text;
}
