import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { deviationStateSize, rollingDeviation, runDeviation, steadyDeviation } from './standard-deviation.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

/** Options of {@link bollinger} and {@link Bollinger}. */
export interface BollingerOptions {
  /** Bars in the window. Default 20, from 2. */
  readonly period?: number;
  /** Distance of the bands in standard deviations. Default 2, above 0. */
  readonly deviations?: number;
}

/** What {@link bollinger} gives: columns of the input's length. */
export interface BollingerColumns {
  readonly upper: Float64Array;
  /** The simple moving average. */
  readonly middle: Float64Array;
  readonly lower: Float64Array;
}

function check(options: BollingerOptions): Required<BollingerOptions> {
  const deviations = options.deviations ?? 2;
  if (!(deviations > 0 && Number.isFinite(deviations))) {
    throw new ValidationError('indicator.period', `deviations must be above 0, got ${deviations}.`);
  }
  return { period: checkPeriod('period', options.period ?? 20, 2), deviations };
}

/** Rows worked on at a time, so that what one pass wrote is in the cache for the next. */
const chunk = 512;

/** State: that of `runDeviation`. */
function runBollinger(
  state: Float64Array,
  options: Required<BollingerOptions>,
  values: Float64Array,
  out: BollingerColumns,
  from: number,
  to: number,
  at = 0,
): void {
  const { period, deviations } = options;
  const { upper, middle, lower } = out;
  for (let start = from; start < to; start += chunk) {
    const end = Math.min(start + chunk, to);
    runDeviation(state, period, values, middle, upper, start, end, at);
    for (let i = start; i < end; i += 1) {
      const mean = middle[i] ?? Number.NaN;
      const distance = deviations * (upper[i] ?? Number.NaN);
      upper[i] = mean + distance;
      lower[i] = mean - distance;
    }
  }
}

/** The next row of a full window in place, see `streaming-indicator.ts`. */
export function steadyBollinger(
  numbers: Float64Array,
  at: number,
  values: Float64Array,
  period: number,
  deviations: number,
): boolean {
  const upper = at + deviationStateSize(period);
  if (!steadyDeviation(numbers, at, values, 0, period, numbers, upper + 1, numbers, upper)) return false;
  const mean = numbers[upper + 1] ?? Number.NaN;
  const distance = deviations * (numbers[upper] ?? Number.NaN);
  numbers[upper] = mean + distance;
  numbers[upper + 2] = mean - distance;
  return true;
}

/**
 * Bollinger bands: the simple moving average and it ± `deviations` population standard deviations (Bollinger on Bollinger
 * Bands, 2001; TA-Lib's BBANDS with a simple average), stable after wild stretches, see `standardDeviation`. The first
 * result is that of row `period − 1`; NaN before. On a constant series the bands lie on the average.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function bollinger(
  values: Float64Array,
  options: BollingerOptions = {},
  out?: BollingerColumns,
): BollingerColumns {
  const checked = check(options);
  const length = lengthOf(values);
  const column = outputColumns(length, 3);
  const result = {
    upper: column(out?.upper),
    middle: column(out?.middle),
    lower: column(out?.lower),
  };
  runBollinger(new Float64Array(deviationStateSize(checked.period)), checked, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link bollinger} value by value: O(1) amortised, no allocation. */
export class Bollinger extends StreamingIndicator {
  readonly #options: Required<BollingerOptions>;
  readonly #columns: BollingerColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: BollingerOptions = {}) {
    const checked = check(options);
    const columns = { upper: new Float64Array(1), middle: new Float64Array(1), lower: new Float64Array(1) };
    super({
      name: `bollinger(${checked.period},${checked.deviations})`,
      stateSize: deviationStateSize(checked.period),
      outputs: [columns.upper, columns.middle, columns.lower],
    });
    this.#options = checked;
    this.#columns = columns;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `values`. */
  inPlace(values: Float64Array): UpdateInPlace {
    const { period, deviations } = this.#options;
    const { middle, upper } = this.#columns;
    const output = deviationStateSize(period);
    return (numbers, at) => {
      if (steadyBollinger(numbers, at, values, period, deviations)) return;
      rollingDeviation(numbers, period, values, middle, upper, 0, at);
      const mean = middle[0] ?? Number.NaN;
      const distance = deviations * (upper[0] ?? Number.NaN);
      numbers[at + output] = mean + distance;
      numbers[at + output + 1] = mean;
      numbers[at + output + 2] = mean - distance;
    };
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runBollinger(this.state, this.#options, input, this.#columns, 0, 1);
  }

  /** Average + deviations. NaN while warming up, like the others. */
  get upper(): number {
    return this.#columns.upper[0] ?? Number.NaN;
  }

  /** The simple moving average. */
  get middle(): number {
    return this.#columns.middle[0] ?? Number.NaN;
  }

  /** Average − deviations. */
  get lower(): number {
    return this.#columns.lower[0] ?? Number.NaN;
  }
}
