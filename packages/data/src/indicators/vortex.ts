import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';
import { trueRange } from './true-range.ts';

/** Options of {@link vortex} and {@link Vortex}. */
export interface VortexOptions {
  /** Bars summed. Default 14. */
  readonly period?: number;
}

/** What {@link vortex} gives: columns of the input's length. */
export interface VortexColumns {
  /** Movement from lows up to highs in proportion to the true range. */
  readonly plus: Float64Array;
  /** Movement from highs down to lows in the same proportion. */
  readonly minus: Float64Array;
}

const pluses = new Float64Array(chunk);
const minuses = new Float64Array(chunk);
const ranges = new Float64Array(chunk);

const sizesOf = (period: number) =>
  [4, rollingSumSize(period), rollingSumSize(period), rollingSumSize(period)] as const;
type Parts = readonly [previous: Float64Array, plus: Float64Array, minus: Float64Array, range: Float64Array];

/** Own state: 1 once a bar was seen, its high, low and close. */
function runVortex(
  parts: Parts,
  period: number,
  columns: PriceColumns,
  out: VortexColumns,
  from: number,
  to: number,
): void {
  const own = parts[0];
  let seen = own[0] ?? 0;
  let previousHigh = own[1] ?? 0;
  let previousLow = own[2] ?? 0;
  let previousClose = own[3] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const high = columns.high[start + row] ?? Number.NaN;
      const low = columns.low[start + row] ?? Number.NaN;
      const close = columns.close[start + row] ?? Number.NaN;
      const all = high + low + close;
      const finite = all - all === 0;
      const usable = finite && seen === 1;
      pluses[row] = usable ? Math.abs(high - previousLow) : Number.NaN;
      minuses[row] = usable ? Math.abs(low - previousHigh) : Number.NaN;
      ranges[row] = usable ? trueRange(high, low, previousClose) : Number.NaN;
      seen = finite ? 1 : 0;
      previousHigh = finite ? high : 0;
      previousLow = finite ? low : 0;
      previousClose = finite ? close : 0;
    }
    runRollingSum(parts[1], period, 1, pluses, pluses, 0, rows);
    runRollingSum(parts[2], period, 1, minuses, minuses, 0, rows);
    runRollingSum(parts[3], period, 1, ranges, ranges, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const range = ranges[row] ?? Number.NaN;
      out.plus[start + row] = range === 0 ? Number.NaN : (pluses[row] ?? Number.NaN) / range;
      out.minus[start + row] = range === 0 ? Number.NaN : (minuses[row] ?? Number.NaN) / range;
    }
  }
  own[0] = seen;
  own[1] = previousHigh;
  own[2] = previousLow;
  own[3] = previousClose;
}

/**
 * Vortex indicator (Botes and Siepman, Technical Analysis of Stocks & Commodities, 2010), both around 1. The first
 * result is that of row `period`; NaN before, and where nothing moved in the window.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function vortex(columns: PriceColumns, options: VortexOptions = {}, out?: VortexColumns): VortexColumns {
  const period = checkPeriod('period', options.period ?? 14);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const column = outputColumns(length, 2);
  const result = {
    plus: column(out?.plus),
    minus: column(out?.minus),
  };
  const sizes = sizesOf(period);
  runVortex(partsOf(new Float64Array(totalOf(sizes)), sizes), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link vortex} bar by bar: O(1) amortised, no allocation. */
export class Vortex extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #columns: VortexColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: VortexOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14);
    const columns = { plus: new Float64Array(1), minus: new Float64Array(1) };
    const sizes = sizesOf(period);
    super({ name: `vortex(${period})`, stateSize: totalOf(sizes), outputs: [columns.plus, columns.minus] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runVortex(this.#parts, this.#period, input, this.#columns, 0, 1);
  }

  /** Movement from lows up to highs in proportion to the true range. NaN while warming up, like the others. */
  get plus(): number {
    return this.#columns.plus[0] ?? Number.NaN;
  }

  /** Movement from highs down to lows in the same proportion. */
  get minus(): number {
    return this.#columns.minus[0] ?? Number.NaN;
  }
}
