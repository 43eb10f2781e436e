import { chunk, copyRows } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link trix} and {@link Trix}. */
export interface TrixOptions {
  /** Bars of each of the three averages. Default 15. */
  readonly period?: number;
}

const averages = new Float64Array(chunk);

const sizesOf = () => [exponentialStateSize, exponentialStateSize, exponentialStateSize, 2] as const;
type Parts = readonly [once: Float64Array, twice: Float64Array, thrice: Float64Array, previous: Float64Array];

/** Own state: 1 once there was an average, that average. */
function runTrix(
  parts: Parts,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const weight = emaWeight(period);
  const own = parts[3];
  let seen = own[0] ?? 0;
  let previous = own[1] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    copyRows(values, start, rows, averages);
    runExponential(parts[0], period, weight, averages, averages, 0, rows);
    runExponential(parts[1], period, weight, averages, averages, 0, rows);
    runExponential(parts[2], period, weight, averages, averages, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const average = averages[row] ?? Number.NaN;
      const finite = average - average === 0;
      out[start + row] = finite && seen === 1 && previous !== 0 ? 100 * (average / previous - 1) : Number.NaN;
      seen = finite ? 1 : 0;
      previous = finite ? average : 0;
    }
  }
  own[0] = seen;
  own[1] = previous;
}

/**
 * TRIX (Jack Hutson, 1983) as TA-Lib's (ta_TRIX.c): the change in percent, from one bar to the next, of a three times
 * smoothed exponential average, each seeded by a simple mean. The first result is that of row 3 · period − 2; NaN
 * before, and where the average before is 0.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function trix(values: Float64Array, options: TrixOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 15);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  const sizes = sizesOf();
  runTrix(partsOf(new Float64Array(totalOf(sizes)), sizes), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link trix} value by value: O(1), no allocation. */
export class Trix extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: TrixOptions = {}) {
    const period = checkPeriod('period', options.period ?? 15);
    const value = new Float64Array(1);
    const sizes = sizesOf();
    super({ name: `trix(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runTrix(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** In percent a bar. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
