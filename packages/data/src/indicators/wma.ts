import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link wma} and {@link Wma}. */
export interface WmaOptions {
  /** Bars averaged. From 1. */
  readonly period: number;
}

/** How many numbers the state of {@link runWma} takes. */
export const wmaStateSize = (period: number): number => 4 + 2 * period;

/**
 * Sums of the last `period` values weighted 1 (oldest) to `period` (newest), divided by the sum of the weights, by the
 * blocks of `runRollingSum`: of the head of a block its sum and weighted sum are kept, of the tails of the last block
 * both are summed up from the back once per block. Nothing is ever subtracted. May write over its input.
 *
 * State: place in the block, 1 once a block was filled, sum and weighted sum of the head; then per place this block's
 * value or the sum of the last block's tail, and that tail's weighted sum.
 */
export function runWma(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const sums = 4;
  const weights = 4 + period;
  const total = (period * (period + 1)) / 2;
  let place = (state[0] ?? 0) | 0;
  let full = (state[1] ?? 0) !== 0;
  let sum = state[2] ?? 0;
  let weighted = state[3] ?? 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      place = sum = weighted = 0;
      full = false;
      out[i] = Number.NaN;
      continue;
    }
    state[sums + place] = value;
    place += 1;
    sum += value;
    weighted += place * value;
    if (place < period) {
      out[i] = full ? ((state[weights + place] ?? 0) + (period - place) * sum + weighted) / total : Number.NaN;
      continue;
    }
    out[i] = weighted / total;
    sum = weighted = 0;
    for (let slot = period - 1; slot > 0; slot -= 1) {
      sum += state[sums + slot] ?? 0;
      weighted += sum;
      state[weights + slot] = weighted;
    }
    place = sum = weighted = 0;
    full = true;
  }
  state[0] = place;
  state[1] = full ? 1 : 0;
  state[2] = sum;
  state[3] = weighted;
}

/**
 * Linearly weighted moving average, as TA-Lib's WMA (ta_WMA.c), the newest of `period` values weighing `period` times
 * as much as the oldest. The first result is that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function wma(values: Float64Array, options: WmaOptions, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runWma(new Float64Array(wmaStateSize(period)), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link wma} value by value: O(1) amortised (once each `period` values O(period)), no allocation. */
export class Wma extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: WmaOptions) {
    const period = checkPeriod('period', options.period);
    const value = new Float64Array(1);
    super({ name: `wma(${period})`, stateSize: wmaStateSize(period), outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runWma(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The average of the last `period` values. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
