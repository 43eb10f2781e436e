/** Minutes open on these: nothing before bitcoin's first block (2009-01-03), nothing from the year 2100 on. */
const earliestMs = Date.UTC(2009, 0, 3);
const latestMs = Date.UTC(2100, 0, 1);

const plainNumber = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const dateTime = /^(\d{4})-?(\d{2})-?(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|\+00:00)?$/;
const dayName = /^(\d{4})(\d{2})(\d{2})$/;

const zero = 48;
const point = 46;
const comma = 44;
/** Any number of so many digits is a double, and so is ten to their number: of two doubles a division gives the nearest one. */
const mostDigits = 15;
const tenTo = Float64Array.from({ length: mostDigits + 1 }, (_, exponent) => Number(`1e${exponent}`));

/** The fields of one row after another of a CSV text, read where they stand. None of the formats quotes. */
export class RowFields {
  readonly #text: string;
  #count = 0;
  /** Where each field begins, and one past the comma behind the last. */
  readonly #begins: number[] = [0, 0];

  constructor(text: string) {
    this.#text = text;
  }

  /** How many fields the row has, at least 1. */
  get count(): number {
    return this.#count;
  }

  /** Takes the row between two places of the text. */
  moveTo(from: number, to: number): void {
    const text = this.#text;
    const begins = this.#begins;
    begins[0] = from;
    let count = 1;
    for (let at = from; at < to; at += 1) {
      if (text.charCodeAt(at) !== comma) continue;
      begins[count] = at + 1;
      count += 1;
    }
    begins[count] = to + 1;
    this.#count = count;
  }

  text(index: number): string {
    return index < this.#count ? this.#text.slice(this.#begins[index], this.#end(index)) : '';
  }

  texts(): string[] {
    return Array.from({ length: this.#count }, (_, index) => this.text(index));
  }

  /** The decimal number of a field, or NaN for anything else: empty, hexadecimal, infinite, with spaces. */
  number(index: number): number {
    if (index >= this.#count) return Number.NaN;
    const text = this.#text;
    const end = this.#end(index);
    let digits = 0;
    let decimals = -1;
    let value = 0;
    for (let at = this.#begins[index] ?? end; at < end; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= zero && code <= zero + 9) {
        value = value * 10 + (code - zero);
        digits += 1;
        if (decimals >= 0) decimals += 1;
      } else if (code === point && decimals < 0) decimals = 0;
      else return numberIn(this.text(index));
    }
    if (digits === 0 || digits > mostDigits) return numberIn(this.text(index));
    return decimals > 0 ? value / (tenTo[decimals] ?? 1) : value;
  }

  #end(index: number): number {
    return (this.#begins[index + 1] ?? 0) - 1;
  }
}

const numberIn = (text: string): number => (plainNumber.test(text) ? Number(text) : Number.NaN);

/** The instant of `2021-12-31 23:01:00.000000` or `20221213 08:00:00`, UTC, or NaN. Fractions of a second are cut. */
export function instantIn(field: string): number {
  const parts = dateTime.exec(field);
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => Number(part ?? 0));
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return Number.NaN;
  return midnight(year ?? 0, month ?? 0, day ?? 0) + (((hour ?? 0) * 60 + (minute ?? 0)) * 60 + (second ?? 0)) * 1000;
}

/** The midnight of `20221213`, UTC, or NaN. */
export function dayIn(field: string): number {
  const parts = dayName.exec(field);
  return parts === null ? Number.NaN : midnight(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

function midnight(year: number, month: number, day: number): number {
  const atMs = Date.UTC(year, month - 1, day);
  const inMonth = month >= 1 && month <= 12 && day >= 1 && atMs < Date.UTC(year, month, 1);
  return inMonth ? atMs : Number.NaN;
}

/** What is wrong with an instant, in words, or undefined. */
export function timeFault(atMs: number, alignedToMs: number): string | undefined {
  if (!Number.isFinite(atMs)) return 'the time is not a time';
  if (!Number.isInteger(atMs) || atMs < earliestMs || atMs >= latestMs) return `the time ${atMs} is absurd`;
  if (atMs % alignedToMs !== 0) return `the time ${atMs} is not a multiple of ${alignedToMs} ms`;
  return undefined;
}

/** What is wrong with the prices and volume of a bar, in words, or undefined. */
export function barFault(open: number, high: number, low: number, close: number, volume: number): string | undefined {
  const allNumbers = Number.isFinite(open + high + low + close + volume);
  if (!allNumbers) return 'a price or the volume is not a number';
  if (!(low > 0)) return `the low ${low} is not above zero`;
  if (high < low) return `the high ${high} is below the low ${low}`;
  if (open > high || close > high || open < low || close < low) return 'the open or close is outside low to high';
  if (volume < 0) return `the volume ${volume} is negative`;
  return undefined;
}

/** What is wrong with a funding rate, in words. None was ever near 100 % an interval. */
export const rateFault = (rate: number): string | undefined =>
  Math.abs(rate) < 1 ? undefined : Number.isFinite(rate) ? `the rate ${rate} is absurd` : 'the rate is not a number';
