import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { extremesStateSize, runExtremes } from './rolling-extremes.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link stochastic} and {@link Stochastic}. */
export interface StochasticOptions {
  /** Bars the close is placed among. Default 14. */
  readonly period?: number;
  /** Raw values averaged into %K; 1 makes it the fast stochastic. Default 3. */
  readonly k?: number;
  /** %K values averaged into %D. Default 3. */
  readonly d?: number;
}

/** What {@link stochastic} gives: columns of the input's length, each 0 to 100. */
export interface StochasticColumns {
  /** Where the close stands between the lowest low and the highest high, before smoothing: the fast %K. */
  readonly raw: Float64Array;
  /** %K: the mean of the last `k` raw values, which is the fast %D. */
  readonly k: Float64Array;
  /** %D: the mean of the last `d` values of %K. */
  readonly d: Float64Array;
}

function check(options: StochasticOptions): Required<StochasticOptions> {
  return {
    period: checkPeriod('period', options.period ?? 14),
    k: checkPeriod('k', options.k ?? 3),
    d: checkPeriod('d', options.d ?? 3),
  };
}

const highs = new Float64Array(chunk);
const lows = new Float64Array(chunk);

const sizesOf = (options: Required<StochasticOptions>) =>
  [extremesStateSize(options.period), rollingSumSize(options.k), rollingSumSize(options.d)] as const;
type Parts = readonly [extremes: Float64Array, k: Float64Array, d: Float64Array];

function runStochastic(
  parts: Parts,
  options: Required<StochasticOptions>,
  columns: PriceColumns,
  out: StochasticColumns,
  from: number,
  to: number,
): void {
  const { period, k, d } = options;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const high = columns.high[start + row] ?? Number.NaN;
      const low = columns.low[start + row] ?? Number.NaN;
      const all = high + low + (columns.close[start + row] ?? Number.NaN);
      highs[row] = all - all === 0 ? high : Number.NaN;
      lows[row] = low;
    }
    runExtremes(parts[0], period, highs, lows, highs, lows, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const low = lows[row] ?? Number.NaN;
      const width = (highs[row] ?? Number.NaN) - low;
      out.raw[start + row] = width === 0 ? 50 : (100 * ((columns.close[start + row] ?? Number.NaN) - low)) / width;
    }
    runRollingSum(parts[1], k, k, out.raw, out.k, start, start + rows);
    runRollingSum(parts[2], d, d, out.k, out.d, start, start + rows);
  }
}

/**
 * Stochastic oscillator (George Lane, 1950s) as TA-Lib's STOCH and STOCHF with simple averages (ta_STOCH.c): the place
 * of the close in the range of the last `period` bars, smoothed to %K and %D. Slow with the defaults, fast with `k: 1`.
 * With 14, 3, 3 the first raw value is at row 13, %K at 15, %D at 17; NaN before. Where nothing moved over a window the
 * place is 50 (TA-Lib: 0).
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function stochastic(
  columns: PriceColumns,
  options: StochasticOptions = {},
  out?: StochasticColumns,
): StochasticColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const column = outputColumns(length, 3);
  const result = {
    raw: column(out?.raw),
    k: column(out?.k),
    d: column(out?.d),
  };
  const sizes = sizesOf(checked);
  runStochastic(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link stochastic} bar by bar: O(1) amortised, no allocation. */
export class Stochastic extends StreamingIndicator {
  readonly #options: Required<StochasticOptions>;
  readonly #parts: Parts;
  readonly #columns: StochasticColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: StochasticOptions = {}) {
    const checked = check(options);
    const columns = { raw: new Float64Array(1), k: new Float64Array(1), d: new Float64Array(1) };
    const sizes = sizesOf(checked);
    super({
      name: `stochastic(${checked.period},${checked.k},${checked.d})`,
      stateSize: totalOf(sizes),
      outputs: [columns.raw, columns.k, columns.d],
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
    runStochastic(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /**
   * Where the close stands between the lowest low and the highest high, before smoothing: the fast %K. NaN while
   * warming up, like the others.
   */
  get raw(): number {
    return this.#columns.raw[0] ?? Number.NaN;
  }

  /** %K: the mean of the last `k` raw values, which is the fast %D. */
  get k(): number {
    return this.#columns.k[0] ?? Number.NaN;
  }

  /** %D: the mean of the last `d` values of %K. */
  get d(): number {
    return this.#columns.d[0] ?? Number.NaN;
  }
}
