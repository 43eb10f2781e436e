import { areApart, lengthOf, outputColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { keepWindow, placeMask, turnAt, windowsPerSum } from './rolling-window.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

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
export const deviationStateSize = (period: number): number => 5 + period;

/** The sums are sound while the variance is at least this part of what it was when they were taken, */
const least = 1 / 256;
/** while no value leaves whose squared distance from the anchor was more than so many times that variance, */
const most = 1024;
/** and while it is at least this part of the mean squared distance from the anchor. */
const leastOfSquare = 2 ** -18;

/**
 * Mean and population deviation of the last `period` values, by running sums of distances from an anchor and of their
 * squares. Such sums lose all digits where a wild stretch is followed by a quiet one, or where the values have gone far from
 * the anchor; so they are taken anew, around the window's mean, wherever the variance has fallen below a 256th of what it was
 * when they were last taken or a 2^18th of the mean square, or where a value leaves that was over 32 of those deviations away,
 * and once in 32 windows in any case. What is squared then exceeds the variance at most 2^18-fold, which leaves the deviation
 * exact to about 1e-9 of itself. O(1) a row, amortised. NaN until the window is full; a value that is not finite empties it.
 *
 * State, from `at`: how far the ring has come (see `rolling-window.ts`), anchor, sum, sum of squares, variance when they were
 * taken (−1 where they are beyond all numbers), the ring.
 */
export function rollingDeviation(
  state: Float64Array,
  period: number,
  values: Float64Array,
  means: Float64Array,
  deviations: Float64Array,
  row: number,
  at: number,
): void {
  if (steadyDeviation(state, at, values, row, period, means, row, deviations, row)) return;
  const value = values[row] ?? Number.NaN;
  if (value - value !== 0) {
    state[at] = 0;
    means[row] = deviations[row] = Number.NaN;
    return;
  }
  const come = (state[at] ?? 0) | 0;
  const place = come & placeMask;
  state[at + 5 + place] = value;
  const turn = come >> turnAt;
  const isRound = place + 1 === period;
  const mustTake = isRound && (turn === 0 || turn === windowsPerSum);
  const next = isRound ? (mustTake ? 1 : turn + 1) << turnAt : come + 1;
  state[at] = next;
  if (next > placeMask) takeAnew(state, at, period, isRound ? 0 : place + 1);
  const newly = next > placeMask ? (state[at + 4] ?? 0) : -1;
  means[row] = newly < 0 ? Number.NaN : (state[at + 1] ?? 0) + (state[at + 2] ?? 0) * (1 / period);
  deviations[row] = newly < 0 ? Number.NaN : Math.sqrt(newly);
}

/** {@link rollingDeviation} where the window is full and its sums sound; else false, and nothing is done. */
export function steadyDeviation(
  state: Float64Array,
  at: number,
  values: Float64Array,
  row: number,
  period: number,
  means: Float64Array,
  meanAt: number,
  deviations: Float64Array,
  deviationAt: number,
): boolean {
  const come = (state[at] ?? 0) | 0;
  const turn = come >> turnAt;
  const place = come & placeMask;
  const isRound = place + 1 === period;
  if (turn === 0 || (isRound && turn === windowsPerSum)) return false;
  const value = values[row] ?? Number.NaN;
  const leaving = state[at + 5 + place] ?? 0;
  const share = 1 / period;
  const anchor = state[at + 1] ?? 0;
  const taken = state[at + 4] ?? 0;
  const distance = value - anchor;
  const before = leaving - anchor;
  const change = distance - before;
  const sum = (state[at + 2] ?? 0) + change;
  const square = (state[at + 3] ?? 0) + change * (distance + before);
  const offset = sum * share;
  const meanSquare = square * share;
  const variance = meanSquare - offset * offset;
  const isSound =
    variance >= taken * least && variance >= meanSquare * leastOfSquare && before * before <= taken * most;
  if (!isSound) return false;
  state[at + 5 + place] = value;
  state[at] = isRound ? (turn + 1) << turnAt : come + 1;
  state[at + 2] = sum;
  state[at + 3] = square;
  means[meanAt] = anchor + offset;
  deviations[deviationAt] = deviationOf(variance);
  return true;
}

/** {@link rollingDeviation} over rows of a column. */
export function runDeviation(
  state: Float64Array,
  period: number,
  values: Float64Array,
  means: Float64Array,
  deviations: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  const isLong = to - from > 2 * period && areApart([values], [means, deviations]);
  for (let i = from; i < to; i += 1) {
    const come = (state[at] ?? 0) | 0;
    if (isLong && i - from >= period && come >> turnAt > 0) {
      const count = (come >> turnAt) * period + (come & placeMask);
      const end = Math.min(to, i + (windowsPerSum + 1) * period - 1 - count);
      const reached = runSoundly(state, period, values, means, deviations, i, end, at);
      if (reached > i) {
        const place = (count + reached - i) % period;
        state[at] = (((count + reached - i - place) / period) << turnAt) + place;
        keepWindow(state, at + 5, period, values, reached, place);
        i = reached;
        if (i === to) return;
      }
    }
    rollingDeviation(state, period, values, means, deviations, i, at);
  }
}

/** √variance; rounding may have left it a hair below 0. |x| + x is 2 · max(x, 0) without a branch. */
const deviationOf = (variance: number): number => Math.sqrt(0.5 * (Math.abs(variance) + variance));

/** The rows up to `to` whose sums are sound, with what leaves the window read from the column. Gives the row it came to. */
function runSoundly(
  state: Float64Array,
  period: number,
  values: Float64Array,
  means: Float64Array,
  deviations: Float64Array,
  from: number,
  to: number,
  at: number,
): number {
  const share = 1 / period;
  const anchor = state[at + 1] ?? 0;
  const floor = (state[at + 4] ?? 0) * least;
  const ceiling = (state[at + 4] ?? 0) * most;
  let sum = state[at + 2] ?? 0;
  let square = state[at + 3] ?? 0;
  let i = from;
  for (; i < to; i += 1) {
    const distance = (values[i] ?? Number.NaN) - anchor;
    const before = (values[i - period] ?? Number.NaN) - anchor;
    const change = distance - before;
    const nextSum = sum + change;
    const nextSquare = square + change * (distance + before);
    const offset = nextSum * share;
    const meanSquare = nextSquare * share;
    const variance = meanSquare - offset * offset;
    if (!(variance >= floor && variance >= meanSquare * leastOfSquare && before * before <= ceiling)) break;
    sum = nextSum;
    square = nextSquare;
    means[i] = anchor + offset;
    deviations[i] = deviationOf(variance);
  }
  state[at + 2] = sum;
  state[at + 3] = square;
  return i;
}

/** Takes the sums of the ring, oldest first, around its mean. */
function takeAnew(state: Float64Array, at: number, period: number, oldest: number): void {
  const ring = at + 5;
  const share = 1 / period;
  const first = state[ring + oldest] ?? 0;
  let total = 0;
  for (let slot = oldest + 1; slot < period; slot += 1) total += (state[ring + slot] ?? 0) - first;
  for (let slot = 0; slot < oldest; slot += 1) total += (state[ring + slot] ?? 0) - first;
  const anchor = first + total * share;
  let sum = 0;
  let square = 0;
  for (let n = 0, slot = oldest; n < period; n += 1) {
    const distance = (state[ring + slot] ?? 0) - anchor;
    sum += distance;
    square += distance * distance;
    slot = slot + 1 === period ? 0 : slot + 1;
  }
  const offset = sum * share;
  const variance = square * share - offset * offset;
  const hasSums = variance - variance === 0;
  state[at + 1] = hasSums ? anchor : 0;
  state[at + 2] = hasSums ? sum : 0;
  state[at + 3] = hasSums ? square : 0;
  state[at + 4] = hasSums ? Math.max(0, variance) : -1;
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
  const column = outputColumns(length, 2);
  const mean = column(out?.mean);
  const deviation = column(out?.deviation);
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

  /** The update as a function over numbers kept elsewhere; reads the first row of `values`. */
  inPlace(values: Float64Array): UpdateInPlace {
    const period = this.#period;
    const deviation = this.#deviation;
    const mean = this.#mean;
    const output = deviationStateSize(period);
    return (numbers, at) => {
      rollingDeviation(numbers, period, values, mean, deviation, 0, at);
      numbers[at + output] = deviation[0] ?? Number.NaN;
      numbers[at + output + 1] = mean[0] ?? Number.NaN;
    };
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
