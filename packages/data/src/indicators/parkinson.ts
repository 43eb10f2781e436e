import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { checkMilliseconds, dayMs, yearMs } from './session.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link parkinson} and {@link Parkinson}. */
export interface ParkinsonOptions {
  /** Bars in the window. Default 20. */
  readonly period?: number;
  /** Length of a bar in milliseconds, by which the volatility is annualised (to 365 days). Default one day. */
  readonly timeframeMs?: number;
}

function check(options: ParkinsonOptions): Required<ParkinsonOptions> {
  return {
    period: checkPeriod('period', options.period ?? 20),
    timeframeMs: checkMilliseconds('timeframeMs', options.timeframeMs ?? dayMs),
  };
}

const squares = new Float64Array(chunk);

/** State: that of `runRollingSum`. */
function runParkinson(
  state: Float64Array,
  options: Required<ParkinsonOptions>,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { period, timeframeMs } = options;
  const scale = yearMs / (4 * Math.LN2 * timeframeMs);
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const low = columns.low[start + row] ?? Number.NaN;
      const range = low > 0 ? Math.log((columns.high[start + row] ?? Number.NaN) / low) : Number.NaN;
      squares[row] = range * range;
    }
    runRollingSum(state, period, period, squares, squares, 0, rows);
    for (let row = 0; row < rows; row += 1) out[start + row] = Math.sqrt(scale * (squares[row] ?? Number.NaN));
  }
}

/**
 * Realised volatility from the ranges of bars, annualised (Parkinson, Journal of Business, 1980): the root of the mean
 * of ln²(high / low) / (4 ln 2) times bars in a year of 365 days. A fraction: 0.8 is 80 %. The first result is that of
 * row `period − 1`; NaN before. A low of 0 or less restarts it.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function parkinson(
  columns: Pick<PriceColumns, 'high' | 'low'>,
  options: ParkinsonOptions = {},
  out?: Float64Array,
): Float64Array {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low);
  const result = outputColumn(length, out);
  runParkinson(new Float64Array(rollingSumSize(checked.period)), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link parkinson} bar by bar: O(1) amortised, no allocation. */
export class Parkinson extends StreamingIndicator {
  readonly #options: Required<ParkinsonOptions>;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: ParkinsonOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    super({
      name: `parkinson(${checked.period},${checked.timeframeMs})`,
      stateSize: rollingSumSize(checked.period),
      outputs: [value],
    });
    this.#options = checked;
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runParkinson(this.state, this.#options, input, this.#value, 0, 1);
  }

  /** A fraction a year. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
