import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link awesomeOscillator} and {@link AwesomeOscillator}. */
export interface AwesomeOscillatorOptions {
  /** Bars of the fast average. Default 5. */
  readonly fast?: number;
  /** Bars of the slow average. Default 34. */
  readonly slow?: number;
}

function check(options: AwesomeOscillatorOptions): Required<AwesomeOscillatorOptions> {
  return {
    fast: checkPeriod('fast', options.fast ?? 5),
    slow: checkPeriod('slow', options.slow ?? 34),
  };
}

const fasts = new Float64Array(chunk);
const slows = new Float64Array(chunk);

const sizesOf = (options: Required<AwesomeOscillatorOptions>) =>
  [rollingSumSize(options.fast), rollingSumSize(options.slow)] as const;
type Parts = readonly [fast: Float64Array, slow: Float64Array];

function runAwesomeOscillator(
  parts: Parts,
  options: Required<AwesomeOscillatorOptions>,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { fast, slow } = options;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      slows[row] = ((columns.high[start + row] ?? Number.NaN) + (columns.low[start + row] ?? Number.NaN)) / 2;
    }
    runRollingSum(parts[0], fast, fast, slows, fasts, 0, rows);
    runRollingSum(parts[1], slow, slow, slows, slows, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      out[start + row] = (fasts[row] ?? Number.NaN) - (slows[row] ?? Number.NaN);
    }
  }
}

/**
 * Awesome oscillator (Bill Williams, New Trading Dimensions, 1998): the fast less the slow simple average of the
 * middles of bars. The first result is that of row max(fast, slow) − 1; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function awesomeOscillator(
  columns: Pick<PriceColumns, 'high' | 'low'>,
  options: AwesomeOscillatorOptions = {},
  out?: Float64Array,
): Float64Array {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low);
  const result = outputColumn(length, out);
  const sizes = sizesOf(checked);
  runAwesomeOscillator(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link awesomeOscillator} bar by bar: O(1) amortised, no allocation. */
export class AwesomeOscillator extends StreamingIndicator {
  readonly #options: Required<AwesomeOscillatorOptions>;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: AwesomeOscillatorOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    const sizes = sizesOf(checked);
    super({ name: `awesomeOscillator(${checked.fast},${checked.slow})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runAwesomeOscillator(this.#parts, this.#options, input, this.#value, 0, 1);
  }

  /** In price units. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
