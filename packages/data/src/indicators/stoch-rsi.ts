import { lengthOf, outputColumn } from './columns.ts';
import { extremesStateSize, runExtremes } from './donchian.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { rsiStateSize, runRsi } from './rsi.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link stochRsi} and {@link StochRsi}. */
export interface StochRsiOptions {
  /** Changes the RSI is smoothed over. Default 14. */
  readonly rsi?: number;
  /** RSI values the present one is placed among. Default 14. */
  readonly stochastic?: number;
  /** Raw values averaged into %K. Default 3. */
  readonly k?: number;
  /** %K values averaged into %D. Default 3. */
  readonly d?: number;
}

/** What {@link stochRsi} gives: columns of the input's length, each 0 to 100. */
export interface StochRsiColumns {
  /** Where the RSI stands between the lowest and the highest of its window, before smoothing. */
  readonly raw: Float64Array;
  /** %K: the mean of the last `k` raw values. */
  readonly k: Float64Array;
  /** %D: the mean of the last `d` values of %K. */
  readonly d: Float64Array;
}

function check(options: StochRsiOptions): Required<StochRsiOptions> {
  return {
    rsi: checkPeriod('rsi', options.rsi ?? 14, 2),
    stochastic: checkPeriod('stochastic', options.stochastic ?? 14, 2),
    k: checkPeriod('k', options.k ?? 3),
    d: checkPeriod('d', options.d ?? 3),
  };
}

/** The states of the four steps, as views of one. */
interface Steps {
  readonly rsi: Float64Array;
  readonly extremes: Float64Array;
  readonly k: Float64Array;
  readonly d: Float64Array;
}

const stateSize = (periods: Required<StochRsiOptions>): number =>
  rsiStateSize + extremesStateSize(periods.stochastic) + rollingSumSize(periods.k) + rollingSumSize(periods.d);

function stepsOf(state: Float64Array, periods: Required<StochRsiOptions>): Steps {
  const extremes = rsiStateSize + extremesStateSize(periods.stochastic);
  const k = extremes + rollingSumSize(periods.k);
  return {
    rsi: state.subarray(0, rsiStateSize),
    extremes: state.subarray(rsiStateSize, extremes),
    k: state.subarray(extremes, k),
    d: state.subarray(k),
  };
}

/** Rows worked on at a time, so that what one step wrote is in the cache for the next. */
const chunk = 512;

/** One step after the other over a chunk; a NaN head makes the next step wait, as any input that is not finite does. */
function runStochRsi(
  steps: Steps,
  periods: Required<StochRsiOptions>,
  values: Float64Array,
  out: StochRsiColumns,
  from: number,
  to: number,
): void {
  const { raw, k, d } = out;
  for (let start = from; start < to; start += chunk) {
    const end = Math.min(start + chunk, to);
    runRsi(steps.rsi, periods.rsi, values, raw, start, end);
    runExtremes(steps.extremes, periods.stochastic, raw, raw, k, d, start, end);
    for (let i = start; i < end; i += 1) {
      const low = d[i] ?? Number.NaN;
      const width = (k[i] ?? Number.NaN) - low;
      raw[i] = width === 0 ? 50 : (100 * ((raw[i] ?? Number.NaN) - low)) / width;
    }
    runRollingSum(steps.k, periods.k, periods.k, raw, k, start, end);
    runRollingSum(steps.d, periods.d, periods.d, k, d, start, end);
  }
}

/**
 * Stochastic RSI (Chande and Kroll, The New Technical Trader, 1994) as TradingView's built-in has it: the place of the RSI
 * among its last `stochastic` values, 0 to 100, smoothed to %K and %D. The unsmoothed place is given too: it is what TA-Lib
 * calls the fast %K of STOCHRSI. With 14, 14, 3, 3 the first raw value is at row 27, %K at 29, %D at 31; NaN before. Where
 * the RSI stood still over a window its place is 50.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function stochRsi(values: Float64Array, options: StochRsiOptions = {}, out?: StochRsiColumns): StochRsiColumns {
  const periods = check(options);
  const length = lengthOf(values);
  const result = {
    raw: outputColumn(length, out?.raw),
    k: outputColumn(length, out?.k),
    d: outputColumn(length, out?.d),
  };
  runStochRsi(stepsOf(new Float64Array(stateSize(periods)), periods), periods, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link stochRsi} value by value: O(1) amortised, no allocation. */
export class StochRsi extends StreamingIndicator {
  readonly #periods: Required<StochRsiOptions>;
  readonly #steps: Steps;
  readonly #columns: StochRsiColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: StochRsiOptions = {}) {
    const periods = check(options);
    const columns = { raw: new Float64Array(1), k: new Float64Array(1), d: new Float64Array(1) };
    super({
      name: `stochRsi(${periods.rsi},${periods.stochastic},${periods.k},${periods.d})`,
      stateSize: stateSize(periods),
      outputs: [columns.raw, columns.k, columns.d],
    });
    this.#periods = periods;
    this.#steps = stepsOf(this.state, periods);
    this.#columns = columns;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runStochRsi(this.#steps, this.#periods, input, this.#columns, 0, 1);
  }

  /** The unsmoothed place of the RSI, 0 to 100. NaN while warming up, as each of the three. */
  get raw(): number {
    return this.#columns.raw[0] ?? Number.NaN;
  }

  /** %K, 0 to 100. */
  get k(): number {
    return this.#columns.k[0] ?? Number.NaN;
  }

  /** %D, 0 to 100. */
  get d(): number {
    return this.#columns.d[0] ?? Number.NaN;
  }
}
