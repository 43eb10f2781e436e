import { chunk } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { emaWeight } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link kama} and {@link Kama}. */
export interface KamaOptions {
  /** Bars whose net change is set against the sum of changes. Default 10. */
  readonly period?: number;
  /** Bars of the exponential average in a straight move. Default 2. */
  readonly fast?: number;
  /** Bars of that in pure noise. Default 30. */
  readonly slow?: number;
}

function check(options: KamaOptions): Required<KamaOptions> {
  return {
    period: checkPeriod('period', options.period ?? 10),
    fast: checkPeriod('fast', options.fast ?? 2),
    slow: checkPeriod('slow', options.slow ?? 30),
  };
}

const changes = new Float64Array(chunk);

const sizesOf = (options: Required<KamaOptions>) => [4 + options.period, rollingSumSize(options.period)] as const;
type Parts = readonly [own: Float64Array, changes: Float64Array];

/**
 * Own state: values seen (up to the period), the previous value, the average, place of the oldest value, the last
 * `period` values.
 */
function runKama(
  parts: Parts,
  options: Required<KamaOptions>,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { period } = options;
  const [own, sums] = parts;
  const ring = 4;
  const fast = emaWeight(options.fast);
  const slow = emaWeight(options.slow);
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    let seen = own[0] ?? 0;
    let previous = own[1] ?? 0;
    for (let row = 0; row < rows; row += 1) {
      const value = values[start + row] ?? Number.NaN;
      const finite = value - value === 0;
      changes[row] = finite && seen > 0 ? Math.abs(value - previous) : Number.NaN;
      seen = finite ? 1 : 0;
      previous = finite ? value : 0;
    }
    runRollingSum(sums, period, 1, changes, changes, 0, rows);
    seen = own[0] ?? 0;
    let average = own[2] ?? 0;
    let place = (own[3] ?? 0) | 0;
    for (let row = 0; row < rows; row += 1) {
      const value = values[start + row] ?? Number.NaN;
      out[start + row] = Number.NaN;
      if (value - value !== 0) {
        seen = average = place = 0;
        continue;
      }
      if (seen === period) {
        const noise = changes[row] ?? Number.NaN;
        const net = Math.abs(value - (own[ring + place] ?? 0));
        const efficiency = noise > net ? net / noise : 1;
        const weight = efficiency * (fast - slow) + slow;
        average += (value - average) * weight * weight;
        out[start + row] = average;
      } else {
        seen += 1;
        average = value;
      }
      own[ring + place] = value;
      place = place + 1 === period ? 0 : place + 1;
    }
    own[0] = seen;
    own[1] = previous;
    own[2] = average;
    own[3] = place;
  }
}

/**
 * Kaufman's adaptive moving average (Smarter Trading, 1995) as TA-Lib's KAMA (ta_KAMA.c): an exponential average whose
 * weight is the square of a value between those of `slow` and `fast`, by how straight the last `period` changes went.
 * It begins at the value of row `period − 1`, the first result is that of row `period`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function kama(values: Float64Array, options: KamaOptions = {}, out?: Float64Array): Float64Array {
  const checked = check(options);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  const sizes = sizesOf(checked);
  runKama(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link kama} value by value: O(1) amortised, no allocation. */
export class Kama extends StreamingIndicator {
  readonly #options: Required<KamaOptions>;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: KamaOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    const sizes = sizesOf(checked);
    super({
      name: `kama(${checked.period},${checked.fast},${checked.slow})`,
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
    runKama(this.#parts, this.#options, input, this.#value, 0, 1);
  }

  /** The average after the last value. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
