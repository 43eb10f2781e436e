import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link sma} and {@link Sma}. */
export interface SmaOptions {
  /** Bars averaged. From 1. */
  readonly period: number;
}

/**
 * Simple moving average of a column, as TA-Lib's SMA. The first result is that of row `period − 1`; NaN before. Summed
 * without subtracting, see `runRollingSum`: a huge value leaves no error once it is out of the window.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function sma(values: Float64Array, options: SmaOptions, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runRollingSum(new Float64Array(rollingSumSize(period)), period, period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link sma} value by value: O(1) amortised (once each `period` values O(period)), no allocation. */
export class Sma extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: SmaOptions) {
    const period = checkPeriod('period', options.period);
    const value = new Float64Array(1);
    super({ name: `sma(${period})`, stateSize: rollingSumSize(period), outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runRollingSum(this.state, this.#period, this.#period, input, this.#value, 0, 1);
  }

  /** The average of the last `period` values. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
