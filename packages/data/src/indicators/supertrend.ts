import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { exponentialStateSize, runExponential } from './exponential.ts';
import { checkFactor } from './factor.ts';
import { checkPeriod } from './period.ts';
import { runTrueRange, trueRangeStateSize } from './running-true-range.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link supertrend} and {@link Supertrend}. */
export interface SupertrendOptions {
  /** Bars of the average true range. Default 10. */
  readonly period?: number;
  /** Distance from the middle of the bar in average true ranges. Default 3, above 0. */
  readonly ranges?: number;
}

/** What {@link supertrend} gives: columns of the input's length. */
export interface SupertrendColumns {
  /** The stop: below the price in an upward trend, above it in a downward one. */
  readonly value: Float64Array;
  /** 1 upward, −1 downward. */
  readonly trend: Float64Array;
}

function check(options: SupertrendOptions): Required<SupertrendOptions> {
  return {
    period: checkPeriod('period', options.period ?? 10),
    ranges: checkFactor('ranges', options.ranges ?? 3),
  };
}

const ranges = new Float64Array(chunk);

const sizesOf = () => [trueRangeStateSize, exponentialStateSize, 5] as const;
type Parts = readonly [previous: Float64Array, range: Float64Array, own: Float64Array];

/** Own state: 1 once there was a result, upper and lower band, trend, previous close. */
function runSupertrend(
  parts: Parts,
  options: Required<SupertrendOptions>,
  columns: PriceColumns,
  out: SupertrendColumns,
  from: number,
  to: number,
): void {
  const { period, ranges: multiple } = options;
  const own = parts[2];
  let seen = own[0] ?? 0;
  let upper = own[1] ?? 0;
  let lower = own[2] ?? 0;
  let trend = own[3] ?? 0;
  let previous = own[4] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    runTrueRange(parts[0], columns, ranges, start, rows);
    runExponential(parts[1], period, 1 / period, ranges, ranges, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const i = start + row;
      const close = columns.close[i] ?? Number.NaN;
      const middle = ((columns.high[i] ?? Number.NaN) + (columns.low[i] ?? Number.NaN)) / 2;
      const above = middle + multiple * (ranges[row] ?? Number.NaN);
      const below = middle - multiple * (ranges[row] ?? Number.NaN);
      if (above - above !== 0) {
        seen = upper = lower = trend = previous = 0;
        out.value[i] = out.trend[i] = Number.NaN;
        continue;
      }
      if (seen === 0) trend = close >= middle ? 1 : -1;
      if (seen === 0 || above < upper || previous > upper) upper = above;
      if (seen === 0 || below > lower || previous < lower) lower = below;
      trend = close <= (trend > 0 ? lower : upper) ? -1 : 1;
      out.value[i] = trend > 0 ? lower : upper;
      out.trend[i] = trend;
      seen = 1;
      previous = close;
    }
  }
  own[0] = seen;
  own[1] = upper;
  own[2] = lower;
  own[3] = trend;
  own[4] = previous;
}

/**
 * Supertrend (Olivier Seban): the middle of the bar ± a multiple of Wilder's average true range, each band moving only
 * towards the price until a close crosses it, when the trend turns; as Skender's. It begins upward where the first bar
 * closes in its upper half. The first result is that of row `period`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function supertrend(
  columns: PriceColumns,
  options: SupertrendOptions = {},
  out?: SupertrendColumns,
): SupertrendColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const column = outputColumns(length, 2);
  const result = {
    value: column(out?.value),
    trend: column(out?.trend),
  };
  const sizes = sizesOf();
  runSupertrend(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link supertrend} bar by bar: O(1), no allocation. */
export class Supertrend extends StreamingIndicator {
  readonly #options: Required<SupertrendOptions>;
  readonly #parts: Parts;
  readonly #columns: SupertrendColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: SupertrendOptions = {}) {
    const checked = check(options);
    const columns = { value: new Float64Array(1), trend: new Float64Array(1) };
    const sizes = sizesOf();
    super({
      name: `supertrend(${checked.period},${checked.ranges})`,
      stateSize: totalOf(sizes),
      outputs: [columns.value, columns.trend],
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
    runSupertrend(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /**
   * The stop: below the price in an upward trend, above it in a downward one. NaN while warming up, like the others.
   */
  get value(): number {
    return this.#columns.value[0] ?? Number.NaN;
  }

  /** 1 upward, −1 downward. */
  get trend(): number {
    return this.#columns.trend[0] ?? Number.NaN;
  }
}
