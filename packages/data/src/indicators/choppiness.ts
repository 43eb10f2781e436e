import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { extremesStateSize, runExtremes } from './rolling-extremes.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link choppiness} and {@link Choppiness}. */
export interface ChoppinessOptions {
  /** Bars in the window. Default 14, from 2. */
  readonly period?: number;
}

const highs = new Float64Array(chunk);
const lows = new Float64Array(chunk);
const ranges = new Float64Array(chunk);

const sizesOf = (period: number) => [2, rollingSumSize(period), extremesStateSize(period)] as const;
type Parts = readonly [previous: Float64Array, sum: Float64Array, extremes: Float64Array];

/** Own state: 1 once a bar was seen, its close. */
function runChoppiness(
  parts: Parts,
  period: number,
  columns: PriceColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const own = parts[0];
  const scale = 100 / Math.log10(period);
  let seen = own[0] ?? 0;
  let previous = own[1] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const high = columns.high[start + row] ?? Number.NaN;
      const low = columns.low[start + row] ?? Number.NaN;
      const close = columns.close[start + row] ?? Number.NaN;
      const all = high + low + close;
      const finite = all - all === 0;
      highs[row] = finite && seen === 1 ? Math.max(high, previous) : Number.NaN;
      lows[row] = Math.min(low, previous);
      ranges[row] = (highs[row] ?? Number.NaN) - (lows[row] ?? Number.NaN);
      seen = finite ? 1 : 0;
      previous = finite ? close : 0;
    }
    runRollingSum(parts[1], period, 1, ranges, ranges, 0, rows);
    runExtremes(parts[2], period, highs, lows, highs, lows, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const width = (highs[row] ?? Number.NaN) - (lows[row] ?? Number.NaN);
      out[start + row] = width === 0 ? Number.NaN : scale * Math.log10((ranges[row] ?? Number.NaN) / width);
    }
  }
  own[0] = seen;
  own[1] = previous;
}

/**
 * Choppiness index, 0 (straight) to 100 (sideways) (E. W. Dreiss): log₁₀ of the sum of true ranges over the distance
 * from the lowest true low to the highest true high of the last `period` bars, in units of log₁₀ period. The extremes
 * are those of true ranges, as Skender's, so that it never exceeds 100. The first result is that of row `period`; NaN
 * before, and where nothing moved in the window.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function choppiness(columns: PriceColumns, options: ChoppinessOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 14, 2);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const result = outputColumn(length, out);
  const sizes = sizesOf(period);
  runChoppiness(partsOf(new Float64Array(totalOf(sizes)), sizes), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link choppiness} bar by bar: O(1) amortised, no allocation. */
export class Choppiness extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: ChoppinessOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14, 2);
    const value = new Float64Array(1);
    const sizes = sizesOf(period);
    super({ name: `choppiness(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runChoppiness(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** 0 to 100. NaN while warming up or where nothing moved. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
