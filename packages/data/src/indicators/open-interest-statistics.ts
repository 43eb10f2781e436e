import { lengthOf, outputColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { deviationStateSize } from './standard-deviation.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';
import { runZScore } from './z-score.ts';

/** Options of {@link openInterestStatistics} and {@link OpenInterestStatistics}. */
export interface OpenInterestStatisticsOptions {
  /** Values in the window of the z-score. Default 20, from 2. */
  readonly period?: number;
  /** Rows between the values of the change. Default 1. */
  readonly change?: number;
}

/** What {@link openInterestStatistics} gives: columns of the input's length. */
export interface OpenInterestStatisticsColumns {
  /** Change in percent against `change` rows before; NaN against 0. */
  readonly changePercent: Float64Array;
  /** The present value less the mean of the window, in population standard deviations; 0 where none differs. */
  readonly zScore: Float64Array;
}

function check(options: OpenInterestStatisticsOptions): Required<OpenInterestStatisticsOptions> {
  return {
    period: checkPeriod('period', options.period ?? 20, 2),
    change: checkPeriod('change', options.change ?? 1),
  };
}

const sizesOf = (options: Required<OpenInterestStatisticsOptions>) =>
  [2 + options.change, deviationStateSize(options.period)] as const;
type Parts = readonly [ring: Float64Array, deviation: Float64Array];

/** State of the ring: place of the oldest value, 1 once `change` were seen, the last `change` values. */
function runOpenInterestStatistics(
  parts: Parts,
  options: Required<OpenInterestStatisticsOptions>,
  values: Float64Array,
  out: OpenInterestStatisticsColumns,
  from: number,
  to: number,
): void {
  const { period, change } = options;
  const ring = parts[0];
  let place = (ring[0] ?? 0) | 0;
  let full = (ring[1] ?? 0) !== 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      place = 0;
      full = false;
      out.changePercent[i] = Number.NaN;
      continue;
    }
    const before = ring[2 + place] ?? 0;
    out.changePercent[i] = full && before !== 0 ? 100 * (value / before - 1) : Number.NaN;
    ring[2 + place] = value;
    place += 1;
    if (place === change) {
      place = 0;
      full = true;
    }
  }
  ring[0] = place;
  ring[1] = full ? 1 : 0;
  runZScore(parts[1], period, values, out.zScore, from, to);
}

/**
 * How open interest moved and how unusual its height is. Of our own making, from the standard definitions of change and
 * z-score. The first change is that of row `change`, the first z-score that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function openInterestStatistics(
  values: Float64Array,
  options: OpenInterestStatisticsOptions = {},
  out?: OpenInterestStatisticsColumns,
): OpenInterestStatisticsColumns {
  const checked = check(options);
  const length = lengthOf(values);
  const column = outputColumns(length, 2);
  const result = {
    changePercent: column(out?.changePercent),
    zScore: column(out?.zScore),
  };
  const sizes = sizesOf(checked);
  runOpenInterestStatistics(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link openInterestStatistics} value by value: O(1) amortised, no allocation. */
export class OpenInterestStatistics extends StreamingIndicator {
  readonly #options: Required<OpenInterestStatisticsOptions>;
  readonly #parts: Parts;
  readonly #columns: OpenInterestStatisticsColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: OpenInterestStatisticsOptions = {}) {
    const checked = check(options);
    const columns = { changePercent: new Float64Array(1), zScore: new Float64Array(1) };
    const sizes = sizesOf(checked);
    super({
      name: `openInterestStatistics(${checked.period},${checked.change})`,
      stateSize: totalOf(sizes),
      outputs: [columns.changePercent, columns.zScore],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#columns = columns;
  }

  /** Takes the next value. */
  update(openInterest: number): void {
    input[0] = openInterest;
    runOpenInterestStatistics(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /** Change in percent against `change` rows before; NaN against 0. NaN while warming up, like the others. */
  get changePercent(): number {
    return this.#columns.changePercent[0] ?? Number.NaN;
  }

  /** The present value less the mean of the window, in population standard deviations; 0 where none differs. */
  get zScore(): number {
    return this.#columns.zScore[0] ?? Number.NaN;
  }
}
