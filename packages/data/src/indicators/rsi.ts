import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

/** Options of {@link rsi} and {@link Rsi}. */
export interface RsiOptions {
  /** Changes smoothed over. Default 14, from 2. */
  readonly period?: number;
}

export const rsiStateSize = 4;

/** State: values seen (up to period + 1), the previous value, smoothed gain, smoothed loss; while warming up their sums. */
export function runRsi(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  const weight = 1 / period;
  const keep = 1 - weight;
  // |c| + c and |c| − c are twice the gain and twice the loss, without a branch that a random walk would mispredict.
  const half = 0.5 * weight;
  let seen = state[at] ?? 0;
  let previous = state[at + 1] ?? 0;
  let gain = state[at + 2] ?? 0;
  let loss = state[at + 3] ?? 0;
  let i = from;
  while (i < to) {
    for (; i < to && seen <= period; i += 1) {
      const value = values[i] ?? Number.NaN;
      const finite = value - value === 0;
      const change = seen === 0 || !finite ? 0 : value - previous;
      previous = finite ? value : 0;
      gain = finite ? gain + (Math.abs(change) + change) * half : 0;
      loss = finite ? loss + (Math.abs(change) - change) * half : 0;
      seen = finite ? seen + 1 : 0;
      out[i] = seen > period ? strength(gain, loss) : Number.NaN;
    }
    for (; i < to; i += 1) {
      const value = values[i] ?? Number.NaN;
      const change = value - previous;
      if (change - change !== 0) {
        seen = 0;
        previous = 0;
        gain = 0;
        loss = 0;
        break;
      }
      previous = value;
      gain = gain * keep + (Math.abs(change) + change) * half;
      loss = loss * keep + (Math.abs(change) - change) * half;
      out[i] = strength(gain, loss);
    }
  }
  state[at] = seen;
  state[at + 1] = previous;
  state[at + 2] = gain;
  state[at + 3] = loss;
}

/** The next row of warm averages in place, see `streaming-indicator.ts`. */
export function steadyRsi(numbers: Float64Array, at: number, values: Float64Array, period: number): boolean {
  return nextRsi(numbers, at, values, period, numbers, at + rsiStateSize);
}

/** {@link steadyRsi}, whose index goes to `out[outAt]`. */
export function nextRsi(
  state: Float64Array,
  at: number,
  values: Float64Array,
  period: number,
  out: Float64Array,
  outAt: number,
): boolean {
  const value = values[0] ?? Number.NaN;
  const change = value - (state[at + 1] ?? 0);
  const weight = 1 / period;
  const keep = 1 - weight;
  const half = 0.5 * weight;
  const gain = (state[at + 2] ?? 0) * keep + (Math.abs(change) + change) * half;
  const loss = (state[at + 3] ?? 0) * keep + (Math.abs(change) - change) * half;
  const index = strength(gain, loss);
  // What is not finite in the value or the sums shows in the index.
  if ((state[at] ?? 0) <= period || index - index !== 0) return false;
  state[at + 1] = value;
  state[at + 2] = gain;
  state[at + 3] = loss;
  out[outAt] = index;
  return true;
}

function strength(gain: number, loss: number): number {
  const total = gain + loss;
  return total === 0 ? 50 : (100 * gain) / total;
}

/**
 * Relative strength index, 0 to 100, with Wilder's smoothing (New Concepts in Technical Trading Systems, 1978), as TA-Lib's
 * RSI (ta_RSI.c): seeded by the mean of the first `period` changes, first result at row `period`, NaN before. Where no
 * value moved at all it is 50, neither strong nor weak (TA-Lib says 0 there, TradingView 100).
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function rsi(values: Float64Array, options: RsiOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 14, 2);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runRsi(new Float64Array(rsiStateSize), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link rsi} value by value: O(1), no allocation. */
export class Rsi extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: RsiOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14, 2);
    const value = new Float64Array(1);
    super({ name: `rsi(${period})`, stateSize: rsiStateSize, outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `values`. */
  inPlace(values: Float64Array): UpdateInPlace {
    const period = this.#period;
    const value = this.#value;
    return (numbers, at) => {
      if (steadyRsi(numbers, at, values, period)) return;
      runRsi(numbers, period, values, value, 0, 1, at);
      numbers[at + rsiStateSize] = value[0] ?? Number.NaN;
    };
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runRsi(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The index after the last value, 0 to 100. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
