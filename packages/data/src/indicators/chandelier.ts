import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { exponentialStateSize, runExponential } from './exponential.ts';
import { checkFactor } from './factor.ts';
import { checkPeriod } from './period.ts';
import { extremesStateSize, runExtremes } from './rolling-extremes.ts';
import { runTrueRange, trueRangeStateSize } from './running-true-range.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link chandelier} and {@link Chandelier}. */
export interface ChandelierOptions {
  /** Bars of both the extreme and the average true range. Default 22. */
  readonly period?: number;
  /** Distance of the stop in average true ranges. Default 3, above 0. */
  readonly ranges?: number;
}

/** What {@link chandelier} gives: columns of the input's length, in price units. */
export interface ChandelierColumns {
  /** The stop of a long position: the highest high less the distance. */
  readonly long: Float64Array;
  /** The stop of a short position: the lowest low plus the distance. */
  readonly short: Float64Array;
}

function check(options: ChandelierOptions): Required<ChandelierOptions> {
  return {
    period: checkPeriod('period', options.period ?? 22),
    ranges: checkFactor('ranges', options.ranges ?? 3),
  };
}

const ranges = new Float64Array(chunk);
const highs = new Float64Array(chunk);
const lows = new Float64Array(chunk);

const sizesOf = (options: Required<ChandelierOptions>) =>
  [trueRangeStateSize, exponentialStateSize, extremesStateSize(options.period)] as const;
type Parts = readonly [previous: Float64Array, range: Float64Array, extremes: Float64Array];

function runChandelier(
  parts: Parts,
  options: Required<ChandelierOptions>,
  columns: PriceColumns,
  out: ChandelierColumns,
  from: number,
  to: number,
): void {
  const { period, ranges: multiple } = options;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const high = columns.high[start + row] ?? Number.NaN;
      const all = high + (columns.low[start + row] ?? Number.NaN) + (columns.close[start + row] ?? Number.NaN);
      highs[row] = all - all === 0 ? high : Number.NaN;
      lows[row] = columns.low[start + row] ?? Number.NaN;
    }
    runTrueRange(parts[0], columns, ranges, start, rows);
    runExponential(parts[1], period, 1 / period, ranges, ranges, 0, rows);
    runExtremes(parts[2], period, highs, lows, highs, lows, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const distance = multiple * (ranges[row] ?? Number.NaN);
      out.long[start + row] = (highs[row] ?? Number.NaN) - distance;
      out.short[start + row] = (lows[row] ?? Number.NaN) + distance;
    }
  }
}

/**
 * Chandelier exit (Charles Le Beau; described by Elder, Come Into My Trading Room, 2002): a trailing stop that hangs a
 * multiple of Wilder's average true range from the extreme of the last `period` bars. The first result is that of row
 * `period`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function chandelier(
  columns: PriceColumns,
  options: ChandelierOptions = {},
  out?: ChandelierColumns,
): ChandelierColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const column = outputColumns(length, 2);
  const result = {
    long: column(out?.long),
    short: column(out?.short),
  };
  const sizes = sizesOf(checked);
  runChandelier(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link chandelier} bar by bar: O(1) amortised, no allocation. */
export class Chandelier extends StreamingIndicator {
  readonly #options: Required<ChandelierOptions>;
  readonly #parts: Parts;
  readonly #columns: ChandelierColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: ChandelierOptions = {}) {
    const checked = check(options);
    const columns = { long: new Float64Array(1), short: new Float64Array(1) };
    const sizes = sizesOf(checked);
    super({
      name: `chandelier(${checked.period},${checked.ranges})`,
      stateSize: totalOf(sizes),
      outputs: [columns.long, columns.short],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runChandelier(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /** The stop of a long position: the highest high less the distance. NaN while warming up, like the others. */
  get long(): number {
    return this.#columns.long[0] ?? Number.NaN;
  }

  /** The stop of a short position: the lowest low plus the distance. */
  get short(): number {
    return this.#columns.short[0] ?? Number.NaN;
  }
}
