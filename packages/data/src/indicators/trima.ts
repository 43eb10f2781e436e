import { chunk, copyRows } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link trima} and {@link Trima}. */
export interface TrimaOptions {
  /** Bars averaged. Default 30. */
  readonly period?: number;
}

const innerOf = (period: number): number => Math.floor(period / 2) + 1;
const outerOf = (period: number): number => Math.ceil(period / 2);
const averages = new Float64Array(chunk);

const sizesOf = (period: number) => [rollingSumSize(innerOf(period)), rollingSumSize(outerOf(period))] as const;
type Parts = readonly [inner: Float64Array, outer: Float64Array];

function runTrima(
  parts: Parts,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const inner = innerOf(period);
  const outer = outerOf(period);
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    copyRows(values, start, rows, averages);
    runRollingSum(parts[0], inner, inner, averages, averages, 0, rows);
    runRollingSum(parts[1], outer, outer, averages, averages, 0, rows);
    for (let row = 0; row < rows; row += 1) out[start + row] = averages[row] ?? Number.NaN;
  }
}

/**
 * Triangular moving average, the middle of the window weighing most, as TA-Lib's TRIMA (ta_TRIMA.c): the simple average
 * of a simple average, together `period` bars long. The first result is that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function trima(values: Float64Array, options: TrimaOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 30);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  const sizes = sizesOf(period);
  runTrima(partsOf(new Float64Array(totalOf(sizes)), sizes), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link trima} value by value: O(1) amortised, no allocation. */
export class Trima extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: TrimaOptions = {}) {
    const period = checkPeriod('period', options.period ?? 30);
    const value = new Float64Array(1);
    const sizes = sizesOf(period);
    super({ name: `trima(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runTrima(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** The average of the last `period` values. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
