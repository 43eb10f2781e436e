import { chunk, copyRows } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { deviationStateSize, runDeviation } from './standard-deviation.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link zScore} and {@link ZScore}. */
export interface ZScoreOptions {
  /** Values in the window. Default 20, from 2. */
  readonly period?: number;
}

const means = new Float64Array(chunk);
const deviations = new Float64Array(chunk);

/** State: that of `runDeviation`. */
export function runZScore(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    copyRows(values, start, rows, means);
    runDeviation(state, period, means, means, deviations, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const deviation = deviations[row] ?? Number.NaN;
      const distance = (values[start + row] ?? Number.NaN) - (means[row] ?? Number.NaN);
      out[start + row] = deviation === 0 ? 0 : distance / deviation;
    }
  }
}

/**
 * Z-score: the distance of the value from the mean of the last `period` values, itself among them, in population
 * standard deviations (see `standardDeviation`, stable after wild stretches). At most √(period − 1) either way. The
 * first result is that of row `period − 1`; NaN before. 0 where nothing moved.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function zScore(values: Float64Array, options: ZScoreOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 20, 2);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runZScore(new Float64Array(deviationStateSize(period)), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link zScore} value by value: O(1) amortised, no allocation. */
export class ZScore extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: ZScoreOptions = {}) {
    const period = checkPeriod('period', options.period ?? 20, 2);
    const value = new Float64Array(1);
    super({ name: `zScore(${period})`, stateSize: deviationStateSize(period), outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runZScore(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** In standard deviations. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
