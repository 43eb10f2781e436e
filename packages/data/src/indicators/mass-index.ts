import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link massIndex} and {@link MassIndex}. */
export interface MassIndexOptions {
  /** Bars of both exponential averages. Default 9. */
  readonly average?: number;
  /** Ratios summed. Default 25. */
  readonly period?: number;
}

function check(options: MassIndexOptions): Required<MassIndexOptions> {
  return {
    average: checkPeriod('average', options.average ?? 9),
    period: checkPeriod('period', options.period ?? 25),
  };
}

const once = new Float64Array(chunk);
const twice = new Float64Array(chunk);

const sizesOf = (options: Required<MassIndexOptions>) =>
  [exponentialStateSize, exponentialStateSize, rollingSumSize(options.period)] as const;
type Parts = readonly [once: Float64Array, twice: Float64Array, sum: Float64Array];

function runMassIndex(
  parts: Parts,
  options: Required<MassIndexOptions>,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { average, period } = options;
  const weight = emaWeight(average);
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      once[row] = (columns.high[start + row] ?? Number.NaN) - (columns.low[start + row] ?? Number.NaN);
    }
    runExponential(parts[0], average, weight, once, once, 0, rows);
    runExponential(parts[1], average, weight, once, twice, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const slow = twice[row] ?? Number.NaN;
      once[row] = slow === 0 ? 1 : (once[row] ?? Number.NaN) / slow;
    }
    runRollingSum(parts[2], period, 1, once, once, 0, rows);
    for (let row = 0; row < rows; row += 1) out[start + row] = once[row] ?? Number.NaN;
  }
}

/**
 * Mass index (Donald Dorsey, 1992): the sum over `period` bars of the exponential average of the range in proportion to
 * the exponential average of that average, both seeded by simple means. The first result is that of row 2 · average +
 * period − 3; NaN before. A bar whose averages are 0 counts 1, so that it is `period` where nothing moves.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function massIndex(
  columns: Pick<PriceColumns, 'high' | 'low'>,
  options: MassIndexOptions = {},
  out?: Float64Array,
): Float64Array {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low);
  const result = outputColumn(length, out);
  const sizes = sizesOf(checked);
  runMassIndex(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link massIndex} bar by bar: O(1) amortised, no allocation. */
export class MassIndex extends StreamingIndicator {
  readonly #options: Required<MassIndexOptions>;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: MassIndexOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    const sizes = sizesOf(checked);
    super({ name: `massIndex(${checked.average},${checked.period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runMassIndex(this.#parts, this.#options, input, this.#value, 0, 1);
  }

  /** Around `period`. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
