import { chunk } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { checkMilliseconds, dayMs, yearMs } from './session.ts';
import { deviationStateSize, runDeviation } from './standard-deviation.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link realisedVolatility} and {@link RealisedVolatility}. */
export interface RealisedVolatilityOptions {
  /** Changes in the window. Default 20, from 2. */
  readonly period?: number;
  /** Length of a bar in milliseconds, by which the volatility is annualised (to 365 days). Default one day. */
  readonly timeframeMs?: number;
}

function check(options: RealisedVolatilityOptions): Required<RealisedVolatilityOptions> {
  return {
    period: checkPeriod('period', options.period ?? 20, 2),
    timeframeMs: checkMilliseconds('timeframeMs', options.timeframeMs ?? dayMs),
  };
}

const changes = new Float64Array(chunk);
const deviations = new Float64Array(chunk);

const sizesOf = (options: Required<RealisedVolatilityOptions>) => [2, deviationStateSize(options.period)] as const;
type Parts = readonly [previous: Float64Array, deviation: Float64Array];

/** Own state: 1 once a value was seen, that value. */
function runRealisedVolatility(
  parts: Parts,
  options: Required<RealisedVolatilityOptions>,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { period, timeframeMs } = options;
  const own = parts[0];
  const scale = Math.sqrt(((period / (period - 1)) * yearMs) / timeframeMs);
  let seen = own[0] ?? 0;
  let previous = own[1] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const value = values[start + row] ?? Number.NaN;
      const usable = value - value === 0 && value > 0;
      changes[row] = usable && seen === 1 ? Math.log(value / previous) : Number.NaN;
      seen = usable ? 1 : 0;
      previous = usable ? value : 0;
    }
    runDeviation(parts[1], period, changes, changes, deviations, 0, rows);
    for (let row = 0; row < rows; row += 1) out[start + row] = scale * (deviations[row] ?? Number.NaN);
  }
  own[0] = seen;
  own[1] = previous;
}

/**
 * Realised volatility from closes, annualised: the sample standard deviation (over period − 1) of the last `period` log
 * changes times the root of bars in a year of 365 days. A fraction: 0.8 is 80 %. The first result is that of row
 * `period`; NaN before. A value of 0 or less restarts it.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function realisedVolatility(
  values: Float64Array,
  options: RealisedVolatilityOptions = {},
  out?: Float64Array,
): Float64Array {
  const checked = check(options);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  const sizes = sizesOf(checked);
  runRealisedVolatility(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link realisedVolatility} value by value: O(1) amortised, no allocation. */
export class RealisedVolatility extends StreamingIndicator {
  readonly #options: Required<RealisedVolatilityOptions>;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: RealisedVolatilityOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    const sizes = sizesOf(checked);
    super({
      name: `realisedVolatility(${checked.period},${checked.timeframeMs})`,
      stateSize: totalOf(sizes),
      outputs: [value],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runRealisedVolatility(this.#parts, this.#options, input, this.#value, 0, 1);
  }

  /** A fraction a year. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
