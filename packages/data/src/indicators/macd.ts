import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

/** Options of {@link macd} and {@link Macd}. */
export interface MacdOptions {
  /** Bars of the fast average. Default 12, below `slow`. */
  readonly fast?: number;
  /** Bars of the slow average. Default 26. */
  readonly slow?: number;
  /** Bars of the signal's average. Default 9. */
  readonly signal?: number;
}

/** What {@link macd} gives: columns of the input's length. */
export interface MacdColumns {
  /** Fast average − slow average. */
  readonly macd: Float64Array;
  /** The average of `macd`. */
  readonly signal: Float64Array;
  /** macd − signal. */
  readonly histogram: Float64Array;
}

const stateSize = 4;

function check(options: MacdOptions): Required<MacdOptions> {
  const slow = checkPeriod('slow', options.slow ?? 26, 2);
  const fast = checkPeriod('fast', options.fast ?? 12);
  if (fast >= slow) throw new ValidationError('indicator.period', `fast must be below slow, got ${fast} and ${slow}.`);
  return { fast, slow, signal: checkPeriod('signal', options.signal ?? 9) };
}

/** State: values seen (up to slow + signal − 1), fast, slow and signal average; sums while each warms up. */
function runMacd(
  state: Float64Array,
  periods: Required<MacdOptions>,
  values: Float64Array,
  out: MacdColumns,
  from: number,
  to: number,
  at = 0,
): void {
  const { fast: fastPeriod, slow: slowPeriod, signal: signalPeriod } = periods;
  const { macd: lines, signal: signals, histogram: histograms } = out;
  const fastWeight = 2 / (fastPeriod + 1);
  const slowWeight = 2 / (slowPeriod + 1);
  const signalWeight = 2 / (signalPeriod + 1);
  const warmUp = slowPeriod + signalPeriod - 1;
  let seen = state[at] ?? 0;
  let fast = state[at + 1] ?? 0;
  let slow = state[at + 2] ?? 0;
  let signal = state[at + 3] ?? 0;
  let i = from;
  while (i < to) {
    for (; i < to && seen < warmUp; i += 1) {
      const value = values[i] ?? Number.NaN;
      lines[i] = signals[i] = histograms[i] = Number.NaN;
      if (value - value !== 0) {
        seen = fast = slow = signal = 0;
        continue;
      }
      seen += 1;
      if (seen <= slowPeriod) {
        slow += value;
        if (seen > slowPeriod - fastPeriod) fast += value;
        if (seen < slowPeriod) continue;
        slow /= slowPeriod;
        fast /= fastPeriod;
      } else {
        slow += (value - slow) * slowWeight;
        fast += (value - fast) * fastWeight;
      }
      signal += fast - slow;
      if (seen < warmUp) continue;
      signal /= signalPeriod;
      lines[i] = fast - slow;
      signals[i] = signal;
      histograms[i] = fast - slow - signal;
    }
    for (; i < to; i += 1) {
      const value = values[i] ?? Number.NaN;
      if (value - value !== 0) {
        seen = fast = slow = signal = 0;
        break;
      }
      slow += (value - slow) * slowWeight;
      fast += (value - fast) * fastWeight;
      const line = fast - slow;
      signal += (line - signal) * signalWeight;
      lines[i] = line;
      signals[i] = signal;
      histograms[i] = line - signal;
    }
  }
  state[at] = seen;
  state[at + 1] = fast;
  state[at + 2] = slow;
  state[at + 3] = signal;
}

/** The next row of warm averages in place, see `streaming-indicator.ts`. */
export function steadyMacd(
  numbers: Float64Array,
  at: number,
  values: Float64Array,
  fastPeriod: number,
  slowPeriod: number,
  signalPeriod: number,
): boolean {
  const value = values[0] ?? Number.NaN;
  if (numbers[at] !== slowPeriod + signalPeriod - 1 || value - value !== 0) return false;
  const fastBefore = numbers[at + 1] ?? 0;
  const slowBefore = numbers[at + 2] ?? 0;
  const signalBefore = numbers[at + 3] ?? 0;
  const fast = fastBefore + (value - fastBefore) * (2 / (fastPeriod + 1));
  const slow = slowBefore + (value - slowBefore) * (2 / (slowPeriod + 1));
  const line = fast - slow;
  const signal = signalBefore + (line - signalBefore) * (2 / (signalPeriod + 1));
  numbers[at + 1] = fast;
  numbers[at + 2] = slow;
  numbers[at + 3] = signal;
  numbers[at + stateSize] = line;
  numbers[at + stateSize + 1] = signal;
  numbers[at + stateSize + 2] = line - signal;
  return true;
}

/**
 * Moving average convergence divergence, as TA-Lib's MACD (ta_MACD.c): both averages are seeded so that they begin on one
 * row (the fast one by the last `fast` of the first `slow` values), the signal by the mean of its first `signal` lines, and
 * nothing is given before the signal is there: with 12, 26, 9 the first result is at row 33. NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function macd(values: Float64Array, options: MacdOptions = {}, out?: MacdColumns): MacdColumns {
  const periods = check(options);
  const length = lengthOf(values);
  const column = outputColumns(length, 3);
  const result = {
    macd: column(out?.macd),
    signal: column(out?.signal),
    histogram: column(out?.histogram),
  };
  runMacd(new Float64Array(stateSize), periods, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link macd} value by value: O(1), no allocation. */
export class Macd extends StreamingIndicator {
  readonly #periods: Required<MacdOptions>;
  readonly #columns: MacdColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: MacdOptions = {}) {
    const periods = check(options);
    const columns = { macd: new Float64Array(1), signal: new Float64Array(1), histogram: new Float64Array(1) };
    super({
      name: `macd(${periods.fast},${periods.slow},${periods.signal})`,
      stateSize,
      outputs: [columns.macd, columns.signal, columns.histogram],
    });
    this.#periods = periods;
    this.#columns = columns;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `values`. */
  inPlace(values: Float64Array): UpdateInPlace {
    const periods = this.#periods;
    const columns = this.#columns;
    const { fast, slow, signal } = periods;
    return (numbers, at) => {
      if (steadyMacd(numbers, at, values, fast, slow, signal)) return;
      runMacd(numbers, periods, values, columns, 0, 1, at);
      numbers[at + stateSize] = columns.macd[0] ?? Number.NaN;
      numbers[at + stateSize + 1] = columns.signal[0] ?? Number.NaN;
      numbers[at + stateSize + 2] = columns.histogram[0] ?? Number.NaN;
    };
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runMacd(this.state, this.#periods, input, this.#columns, 0, 1);
  }

  /** Fast average − slow average. NaN while warming up, like the others. */
  get value(): number {
    return this.#columns.macd[0] ?? Number.NaN;
  }

  /** The average of the line. */
  get signal(): number {
    return this.#columns.signal[0] ?? Number.NaN;
  }

  /** Line − signal. */
  get histogram(): number {
    return this.#columns.histogram[0] ?? Number.NaN;
  }
}
