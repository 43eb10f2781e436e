import { chunk, copyRows } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link dema} and {@link Dema}. */
export interface DemaOptions {
  /** Bars of each average. From 1. */
  readonly period: number;
}

const once = new Float64Array(chunk);
const twice = new Float64Array(chunk);

const sizesOf = () => [exponentialStateSize, exponentialStateSize] as const;
type Parts = readonly [once: Float64Array, twice: Float64Array];

function runDema(
  parts: Parts,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const weight = emaWeight(period);
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    copyRows(values, start, rows, once);
    runExponential(parts[0], period, weight, once, once, 0, rows);
    runExponential(parts[1], period, weight, once, twice, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      out[start + row] = 2 * (once[row] ?? Number.NaN) - (twice[row] ?? Number.NaN);
    }
  }
}

/**
 * Double exponential moving average (Mulloy, Technical Analysis of Stocks & Commodities, 1994) as TA-Lib's DEMA
 * (ta_DEMA.c): 2 · EMA − EMA of the EMA, each seeded by a simple mean. The first result is that of row 2 · period − 2;
 * NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function dema(values: Float64Array, options: DemaOptions, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  const sizes = sizesOf();
  runDema(partsOf(new Float64Array(totalOf(sizes)), sizes), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link dema} value by value: O(1), no allocation. */
export class Dema extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: DemaOptions) {
    const period = checkPeriod('period', options.period);
    const value = new Float64Array(1);
    const sizes = sizesOf();
    super({ name: `dema(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runDema(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** The average after the last value. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
