import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link standardDeviation} and {@link StandardDeviation}. */
export interface StandardDeviationOptions {
  /** Bars in the window. From 2. */
  readonly period: number;
}

/** What {@link standardDeviation} gives: columns of the input's length. */
export interface DeviationColumns {
  readonly mean: Float64Array;
  /** Of the population: divided by `period`. */
  readonly deviation: Float64Array;
}

/** How many numbers the state of {@link runDeviation} takes. */
export const deviationStateSize = (period: number): number => 5 + 2 * (period + 1);

/**
 * Mean and population deviation of the last `period` values, stable: sums and squares are taken of the distances from an
 * anchor that is itself in the window (the first value of the present block), and never subtracted from (see
 * `runRollingSum` for the blocks). A member of a window lies at most √(n − 1) deviations from its mean (Samuelson, 1968),
 * so that Σd² exceeds n·variance at most n-fold and nothing is lost where a wild stretch is followed by a quiet one.
 *
 * State: place in the block, 1 once a block was filled, anchor, sum and sum of squares of the head; then per place, and
 * one more that stays 0: this block's value or the last block's tail sum, and the tail's sum of squares.
 */
export function runDeviation(
  state: Float64Array,
  period: number,
  values: Float64Array,
  means: Float64Array,
  deviations: Float64Array,
  from: number,
  to: number,
): void {
  const sums = 5;
  const squares = 5 + period + 1;
  const share = 1 / period;
  let place = (state[0] ?? 0) | 0;
  let full = (state[1] ?? 0) !== 0;
  let anchor = state[2] ?? 0;
  let sum = state[3] ?? 0;
  let square = state[4] ?? 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      place = anchor = sum = square = 0;
      full = false;
      means[i] = deviations[i] = Number.NaN;
      continue;
    }
    if (place === 0) {
      anchor = value;
      if (full) sumTails(state, sums, squares, period, anchor);
      sum = square = 0;
    }
    const distance = value - anchor;
    sum += distance;
    square += distance * distance;
    state[sums + place] = value;
    place += 1;
    if (full || place === period) {
      const total = place === period ? sum : sum + (state[sums + place] ?? 0);
      const totalSquare = place === period ? square : square + (state[squares + place] ?? 0);
      const offset = total * share;
      means[i] = anchor + offset;
      deviations[i] = Math.sqrt(Math.max(0, totalSquare * share - offset * offset));
    } else {
      means[i] = deviations[i] = Number.NaN;
    }
    if (place === period) {
      place = 0;
      full = true;
    }
  }
  state[0] = place;
  state[1] = full ? 1 : 0;
  state[2] = anchor;
  state[3] = sum;
  state[4] = square;
}

/** Turns the values of a filled block into sums over its tails, as distances from the next block's anchor. */
function sumTails(state: Float64Array, sums: number, squares: number, period: number, anchor: number): void {
  let sum = 0;
  let square = 0;
  for (let place = period - 1; place > 0; place -= 1) {
    const distance = (state[sums + place] ?? 0) - anchor;
    sum += distance;
    square += distance * distance;
    state[sums + place] = sum;
    state[squares + place] = square;
  }
}

/**
 * Mean and population standard deviation of the last `period` values, as TA-Lib's STDDEV with one deviation (ta_STDDEV.c),
 * but stable where its sum of squares loses all digits. The first result is that of row `period − 1`; NaN before. Of a
 * constant series it is exactly 0.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function standardDeviation(
  values: Float64Array,
  options: StandardDeviationOptions,
  out?: DeviationColumns,
): DeviationColumns {
  const period = checkPeriod('period', options.period, 2);
  const length = lengthOf(values);
  const mean = outputColumn(length, out?.mean);
  const deviation = outputColumn(length, out?.deviation);
  runDeviation(new Float64Array(deviationStateSize(period)), period, values, mean, deviation, 0, length);
  return { mean, deviation };
}

const input = new Float64Array(1);

/** {@link standardDeviation} value by value: O(1) amortised, no allocation. */
export class StandardDeviation extends StreamingIndicator {
  readonly #period: number;
  readonly #mean: Float64Array;
  readonly #deviation: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: StandardDeviationOptions) {
    const period = checkPeriod('period', options.period, 2);
    const deviation = new Float64Array(1);
    const mean = new Float64Array(1);
    super({
      name: `standardDeviation(${period})`,
      stateSize: deviationStateSize(period),
      outputs: [deviation, mean],
    });
    this.#period = period;
    this.#deviation = deviation;
    this.#mean = mean;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runDeviation(this.state, this.#period, input, this.#mean, this.#deviation, 0, 1);
  }

  /** The deviation of the last `period` values. NaN while warming up. */
  get value(): number {
    return this.#deviation[0] ?? Number.NaN;
  }

  /** Their mean. */
  get mean(): number {
    return this.#mean[0] ?? Number.NaN;
  }
}
