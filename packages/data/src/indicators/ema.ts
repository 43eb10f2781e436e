import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

/** Options of {@link ema} and {@link Ema}. */
export interface EmaOptions {
  /** Bars; the newest weighs 2 / (period + 1). From 1. */
  readonly period: number;
}

const stateSize = 2;

/** State: values seen (up to the period), their sum and from then on the average. */
export function runEma(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  const weight = 2 / (period + 1);
  let seen = state[at] ?? 0;
  let average = state[at + 1] ?? 0;
  let i = from;
  while (i < to) {
    for (; i < to && seen < period; i += 1) {
      const value = values[i] ?? Number.NaN;
      const finite = value - value === 0;
      seen = finite ? seen + 1 : 0;
      average = finite ? average + value : 0;
      if (seen === period) average /= period;
      out[i] = seen === period ? average : Number.NaN;
    }
    for (; i < to; i += 1) {
      const value = values[i] ?? Number.NaN;
      if (value - value !== 0) {
        seen = 0;
        average = 0;
        break;
      }
      average += (value - average) * weight;
      out[i] = average;
    }
  }
  state[at] = seen;
  state[at + 1] = average;
}

/** The next row of a warm average in place, see `streaming-indicator.ts`. */
export function steadyEma(numbers: Float64Array, at: number, values: Float64Array, period: number): boolean {
  const average = numbers[at + 1] ?? 0;
  const change = (values[0] ?? Number.NaN) - average;
  if (numbers[at] !== period || change - change !== 0) return false;
  const next = average + change * (2 / (period + 1));
  numbers[at + 1] = next;
  numbers[at + stateSize] = next;
  return true;
}

/**
 * Exponential moving average of a column, seeded by the simple mean of the first `period` values, as TA-Lib's EMA
 * (ta_EMA.c, classic compatibility). The first result is that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function ema(values: Float64Array, options: EmaOptions, out?: Float64Array): Float64Array {
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runEma(new Float64Array(stateSize), checkPeriod('period', options.period), values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link ema} value by value: O(1), no allocation. */
export class Ema extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: EmaOptions) {
    const period = checkPeriod('period', options.period);
    const value = new Float64Array(1);
    super({ name: `ema(${period})`, stateSize, outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `values`. */
  inPlace(values: Float64Array): UpdateInPlace {
    const period = this.#period;
    const value = this.#value;
    return (numbers, at) => {
      if (steadyEma(numbers, at, values, period)) return;
      runEma(numbers, period, values, value, 0, 1, at);
      numbers[at + stateSize] = value[0] ?? Number.NaN;
    };
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runEma(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The average after the last value. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
