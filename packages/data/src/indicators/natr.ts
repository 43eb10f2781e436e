import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { runTrueRange, trueRangeStateSize } from './running-true-range.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link natr} and {@link Natr}. */
export interface NatrOptions {
  /** True ranges smoothed over. Default 14. */
  readonly period?: number;
}

const ranges = new Float64Array(chunk);

const sizesOf = () => [trueRangeStateSize, exponentialStateSize] as const;
type Parts = readonly [previous: Float64Array, range: Float64Array];

function runNatr(
  parts: Parts,
  period: number,
  columns: PriceColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    runTrueRange(parts[0], columns, ranges, start, rows);
    runExponential(parts[1], period, 1 / period, ranges, ranges, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const close = columns.close[start + row] ?? Number.NaN;
      out[start + row] = close === 0 ? Number.NaN : (100 * (ranges[row] ?? Number.NaN)) / close;
    }
  }
}

/**
 * Average true range in percent of the close, as TA-Lib's NATR (ta_NATR.c), comparable between instruments. The first
 * result is that of row `period`; NaN before, and where the close is 0 (TA-Lib: 0).
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function natr(columns: PriceColumns, options: NatrOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 14);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const result = outputColumn(length, out);
  const sizes = sizesOf();
  runNatr(partsOf(new Float64Array(totalOf(sizes)), sizes), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link natr} bar by bar: O(1), no allocation. */
export class Natr extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: NatrOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14);
    const value = new Float64Array(1);
    const sizes = sizesOf();
    super({ name: `natr(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runNatr(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** The average range in percent of the last close. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
