import { lengthOf, outputColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { extremesStateSize, runExtremes, takeExtremes } from './rolling-extremes.ts';
import { rollingSumSize, runRollingSum, shortest, takeShortSum } from './rolling-sum.ts';
import { nextRsi, rsiStateSize, runRsi } from './rsi.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

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

const stateSize = (periods: Required<StochRsiOptions>): number =>
  rsiStateSize + extremesStateSize(periods.stochastic) + rollingSumSize(periods.k) + rollingSumSize(periods.d);

/** Rows worked on at a time, so that what one step wrote is in the cache for the next. */
const chunk = 2048;

/** Where a value stands between the lowest and the highest, 0 to 100. */
const placeOf = (value: number, highest: number, lowest: number): number =>
  highest - lowest === 0 ? 50 : (100 * (value - lowest)) / (highest - lowest);

/**
 * One step after the other over a chunk; a NaN head makes the next step wait, as any input that is not finite does. The RSI
 * goes to a column of its own where one is given. State: those of the four steps.
 */
function runStochRsi(
  state: Float64Array,
  periods: Required<StochRsiOptions>,
  values: Float64Array,
  out: StochRsiColumns & { readonly rsi?: Float64Array },
  from: number,
  to: number,
  at = 0,
): void {
  const { raw, k, d, rsi = raw } = out;
  const extremesAt = at + rsiStateSize;
  const kAt = extremesAt + extremesStateSize(periods.stochastic);
  const dAt = kAt + rollingSumSize(periods.k);
  for (let start = from; start < to; start += chunk) {
    const end = Math.min(start + chunk, to);
    runRsi(state, periods.rsi, values, rsi, start, end, at);
    runExtremes(state, periods.stochastic, rsi, rsi, k, d, start, end, extremesAt);
    for (let i = start; i < end; i += 1) {
      raw[i] = placeOf(rsi[i] ?? Number.NaN, k[i] ?? Number.NaN, d[i] ?? Number.NaN);
    }
    runRollingSum(state, periods.k, periods.k, raw, k, start, end, kAt);
    runRollingSum(state, periods.d, periods.d, k, d, start, end, dAt);
  }
}

/**
 * The next row of full windows of up to four values in place, see `streaming-indicator.ts`; longer ones are left to
 * `runStochRsi`. The RSI is the last output.
 */
export function steadyStochRsi(
  numbers: Float64Array,
  at: number,
  values: Float64Array,
  rsi: number,
  stochastic: number,
  k: number,
  d: number,
): boolean {
  const extremesAt = at + rsiStateSize;
  const kAt = extremesAt + extremesStateSize(stochastic);
  const dAt = kAt + rollingSumSize(k);
  const output = dAt + rollingSumSize(d);
  const isFull = (numbers[extremesAt] ?? 0) >= stochastic && numbers[kAt] === k - 1 && numbers[dAt] === d - 1;
  if (!isFull || k > shortest || d > shortest) return false;
  if (!nextRsi(numbers, at, values, rsi, numbers, output + 3)) return false;
  // Of a finite RSI all that follows is finite.
  takeExtremes(numbers, extremesAt, numbers, numbers, output + 3, stochastic, numbers, output + 1);
  const strength = numbers[output + 3] ?? Number.NaN;
  numbers[output] = placeOf(strength, numbers[output + 1] ?? Number.NaN, numbers[output + 2] ?? Number.NaN);
  takeShortSum(numbers, kAt, numbers, output, k, k, numbers, output + 1);
  takeShortSum(numbers, dAt, numbers, output + 1, d, d, numbers, output + 2);
  return true;
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
  const column = outputColumns(length, 3);
  const result = {
    raw: column(out?.raw),
    k: column(out?.k),
    d: column(out?.d),
  };
  runStochRsi(new Float64Array(stateSize(periods)), periods, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link stochRsi} value by value: O(1) amortised, no allocation. */
export class StochRsi extends StreamingIndicator {
  readonly #periods: Required<StochRsiOptions>;
  readonly #columns: StochRsiColumns & { readonly rsi: Float64Array };

  /** @throws ValidationError `indicator.period` */
  constructor(options: StochRsiOptions = {}) {
    const periods = check(options);
    const column = (): Float64Array => new Float64Array(1);
    const columns = { raw: column(), k: column(), d: column(), rsi: column() };
    super({
      name: `stochRsi(${periods.rsi},${periods.stochastic},${periods.k},${periods.d})`,
      stateSize: stateSize(periods),
      outputs: [columns.raw, columns.k, columns.d, columns.rsi],
    });
    this.#periods = periods;
    this.#columns = columns;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `values`. */
  inPlace(values: Float64Array): UpdateInPlace {
    const periods = this.#periods;
    const columns = this.#columns;
    const { rsi, stochastic, k, d } = periods;
    const output = stateSize(periods);
    return (numbers, at) => {
      if (steadyStochRsi(numbers, at, values, rsi, stochastic, k, d)) return;
      runStochRsi(numbers, periods, values, columns, 0, 1, at);
      numbers[at + output] = columns.raw[0] ?? Number.NaN;
      numbers[at + output + 1] = columns.k[0] ?? Number.NaN;
      numbers[at + output + 2] = columns.d[0] ?? Number.NaN;
      numbers[at + output + 3] = columns.rsi[0] ?? Number.NaN;
    };
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runStochRsi(this.state, this.#periods, input, this.#columns, 0, 1);
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

  /** The RSI itself, 0 to 100. */
  get rsi(): number {
    return this.#columns.rsi[0] ?? Number.NaN;
  }
}
