import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkFactor } from './factor.ts';
import { checkPeriod } from './period.ts';
import { runTrueRange, trueRangeStateSize } from './running-true-range.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link keltner} and {@link Keltner}. */
export interface KeltnerOptions {
  /** Bars of the exponential average. Default 20. */
  readonly period?: number;
  /** Bars of the average true range. Default 10. */
  readonly range?: number;
  /** Distance of the bands in average true ranges. Default 2, above 0. */
  readonly ranges?: number;
}

/** What {@link keltner} gives: columns of the input's length, in price units. */
export interface KeltnerColumns {
  /** The middle plus the distance. */
  readonly upper: Float64Array;
  /** The moving average. */
  readonly middle: Float64Array;
  /** The middle less the distance. */
  readonly lower: Float64Array;
}

function check(options: KeltnerOptions): Required<KeltnerOptions> {
  return {
    period: checkPeriod('period', options.period ?? 20),
    range: checkPeriod('range', options.range ?? 10),
    ranges: checkFactor('ranges', options.ranges ?? 2),
  };
}

const middles = new Float64Array(chunk);
const ranges = new Float64Array(chunk);

const sizesOf = () => [exponentialStateSize, trueRangeStateSize, exponentialStateSize] as const;
type Parts = readonly [middle: Float64Array, previous: Float64Array, range: Float64Array];

function runKeltner(
  parts: Parts,
  options: Required<KeltnerOptions>,
  columns: PriceColumns,
  out: KeltnerColumns,
  from: number,
  to: number,
): void {
  const { upper, middle, lower } = out;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const close = columns.close[start + row] ?? Number.NaN;
      const all = (columns.high[start + row] ?? Number.NaN) + (columns.low[start + row] ?? Number.NaN) + close;
      middles[row] = all - all === 0 ? close : Number.NaN;
    }
    runExponential(parts[0], options.period, emaWeight(options.period), middles, middles, 0, rows);
    runTrueRange(parts[1], columns, ranges, start, rows);
    runExponential(parts[2], options.range, 1 / options.range, ranges, ranges, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const average = middles[row] ?? Number.NaN;
      const distance = options.ranges * (ranges[row] ?? Number.NaN);
      upper[start + row] = average + distance;
      middle[start + row] = average;
      lower[start + row] = average - distance;
    }
  }
}

/**
 * Keltner channel in Linda Raschke's form: the exponential average of closes ± a multiple of Wilder's average true
 * range (as TradingView's with the range's style "Average True Range", and Skender's). With 20 and 10 the average is
 * there from row 19, the bands from the later of rows `period − 1` and `range`; NaN before. On a constant series the
 * bands lie on the average.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function keltner(columns: PriceColumns, options: KeltnerOptions = {}, out?: KeltnerColumns): KeltnerColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const column = outputColumns(length, 3);
  const result = {
    upper: column(out?.upper),
    middle: column(out?.middle),
    lower: column(out?.lower),
  };
  const sizes = sizesOf();
  runKeltner(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link keltner} bar by bar: O(1), no allocation. */
export class Keltner extends StreamingIndicator {
  readonly #options: Required<KeltnerOptions>;
  readonly #parts: Parts;
  readonly #columns: KeltnerColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: KeltnerOptions = {}) {
    const checked = check(options);
    const columns = { upper: new Float64Array(1), middle: new Float64Array(1), lower: new Float64Array(1) };
    const sizes = sizesOf();
    super({
      name: `keltner(${checked.period},${checked.range},${checked.ranges})`,
      stateSize: totalOf(sizes),
      outputs: [columns.upper, columns.middle, columns.lower],
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
    runKeltner(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /** The middle plus the distance. NaN while warming up, like the others. */
  get upper(): number {
    return this.#columns.upper[0] ?? Number.NaN;
  }

  /** The moving average. */
  get middle(): number {
    return this.#columns.middle[0] ?? Number.NaN;
  }

  /** The middle less the distance. */
  get lower(): number {
    return this.#columns.lower[0] ?? Number.NaN;
  }
}
