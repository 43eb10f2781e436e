import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingMean, rollingMeanSize, runRollingMean, steadyMean } from './rolling-mean.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

/** Options of {@link sma} and {@link Sma}. */
export interface SmaOptions {
  /** Bars averaged. From 1. */
  readonly period: number;
}

/**
 * Simple moving average of a column, as TA-Lib's SMA. The first result is that of row `period − 1`; NaN before. Summed
 * without subtracting, see `runRollingMean`: a huge value leaves no error once it is out of the window.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function sma(values: Float64Array, options: SmaOptions, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runRollingMean(new Float64Array(rollingMeanSize(period)), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** The next row of a full window in place, see `streaming-indicator.ts`. */
export function steadySma(numbers: Float64Array, at: number, values: Float64Array, period: number): boolean {
  return steadyMean(numbers, at, values, 0, period, numbers, at + rollingMeanSize(period));
}

/** {@link sma} value by value: O(1) amortised (once each `period` values O(period)), no allocation. */
export class Sma extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: SmaOptions) {
    const period = checkPeriod('period', options.period);
    const value = new Float64Array(1);
    super({ name: `sma(${period})`, stateSize: rollingMeanSize(period), outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `values`. */
  inPlace(values: Float64Array): UpdateInPlace {
    const period = this.#period;
    const value = this.#value;
    const output = rollingMeanSize(period);
    return (numbers, at) => {
      if (steadySma(numbers, at, values, period)) return;
      rollingMean(numbers, period, values, value, 0, at);
      numbers[at + output] = value[0] ?? Number.NaN;
    };
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runRollingMean(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The average of the last `period` values. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
