import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { extremesStateSize, runExtremes } from './rolling-extremes.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link smi} and {@link Smi}. */
export interface SmiOptions {
  /** Bars the close is placed among. Default 13. */
  readonly period?: number;
  /** Bars of the first smoothing. Default 25. */
  readonly first?: number;
  /** Bars of the second smoothing. Default 2. */
  readonly second?: number;
  /** Bars of the signal's average. Default 3. */
  readonly signal?: number;
}

/** What {@link smi} gives: columns of the input's length, each −100 to 100. */
export interface SmiColumns {
  /**
   * The doubly smoothed distance of the close from the middle of the range, in percent of half the range smoothed
   * likewise.
   */
  readonly smi: Float64Array;
  /** The exponential average of `smi`. */
  readonly signal: Float64Array;
}

function check(options: SmiOptions): Required<SmiOptions> {
  return {
    period: checkPeriod('period', options.period ?? 13),
    first: checkPeriod('first', options.first ?? 25),
    second: checkPeriod('second', options.second ?? 2),
    signal: checkPeriod('signal', options.signal ?? 3),
  };
}

const highs = new Float64Array(chunk);
const lows = new Float64Array(chunk);

const sizesOf = (options: Required<SmiOptions>) =>
  [
    extremesStateSize(options.period),
    exponentialStateSize,
    exponentialStateSize,
    exponentialStateSize,
    exponentialStateSize,
    exponentialStateSize,
  ] as const;
type Parts = readonly [
  extremes: Float64Array,
  distance: Float64Array,
  distances: Float64Array,
  range: Float64Array,
  ranges: Float64Array,
  signal: Float64Array,
];

function runSmi(
  parts: Parts,
  options: Required<SmiOptions>,
  columns: PriceColumns,
  out: SmiColumns,
  from: number,
  to: number,
): void {
  const { period, first, second, signal } = options;
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
      const high = highs[row] ?? Number.NaN;
      const low = lows[row] ?? Number.NaN;
      highs[row] = high - low;
      lows[row] = (columns.close[start + row] ?? Number.NaN) - 0.5 * (high + low);
    }
    // Averages of one value to begin with: seeded by the first.
    runExponential(parts[1], 1, emaWeight(first), lows, lows, 0, rows);
    runExponential(parts[2], 1, emaWeight(second), lows, lows, 0, rows);
    runExponential(parts[3], 1, emaWeight(first), highs, highs, 0, rows);
    runExponential(parts[4], 1, emaWeight(second), highs, highs, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const half = 0.5 * (highs[row] ?? Number.NaN);
      out.smi[start + row] = half === 0 ? 0 : (100 * (lows[row] ?? Number.NaN)) / half;
    }
    runExponential(parts[5], 1, emaWeight(signal), out.smi, out.signal, start, start + rows);
  }
}

/**
 * Stochastic momentum index, −100 to 100 (William Blau, 1993): the distance of the close from the middle of the range
 * of the last `period` bars, smoothed twice, in percent of half that range smoothed likewise. The averages begin at
 * their first values, as Skender's. The first result is that of row `period − 1`; NaN before. 0 where nothing moved.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function smi(columns: PriceColumns, options: SmiOptions = {}, out?: SmiColumns): SmiColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const column = outputColumns(length, 2);
  const result = {
    smi: column(out?.smi),
    signal: column(out?.signal),
  };
  const sizes = sizesOf(checked);
  runSmi(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link smi} bar by bar: O(1) amortised, no allocation. */
export class Smi extends StreamingIndicator {
  readonly #options: Required<SmiOptions>;
  readonly #parts: Parts;
  readonly #columns: SmiColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: SmiOptions = {}) {
    const checked = check(options);
    const columns = { smi: new Float64Array(1), signal: new Float64Array(1) };
    const sizes = sizesOf(checked);
    super({
      name: `smi(${checked.period},${checked.first},${checked.second},${checked.signal})`,
      stateSize: totalOf(sizes),
      outputs: [columns.smi, columns.signal],
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
    runSmi(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /**
   * The doubly smoothed distance of the close from the middle of the range, in percent of half the range smoothed
   * likewise. NaN while warming up, like the others.
   */
  get smi(): number {
    return this.#columns.smi[0] ?? Number.NaN;
  }

  /** The exponential average of `smi`. */
  get signal(): number {
    return this.#columns.signal[0] ?? Number.NaN;
  }
}
