import { areApart } from './columns.ts';
import { keepWindow, placeMask, turnAt, windowsPerSum } from './rolling-window.ts';

/** How many numbers the state of {@link runRollingMean} takes. */
export const rollingMeanSize = (period: number): number => 3 + period;

/** A value that leaves the window and was more than so many times its usual size has spoilt the running sum, */
const outlier = 256;
/** and so has whatever made the sum less than this part of all sizes in the window when it was taken. */
const least = 1 / 1024;

/**
 * The mean of the last `period` values by a running sum that is taken anew from the window wherever it could have lost digits:
 * when a value leaves that was 256 times as large as the values were on average, when the sum has become a thousand times
 * smaller, and once in 32 windows in any case. The error therefore stays below 1e-11 of the mean, and a huge value leaves
 * nothing behind. O(1) a row, amortised, unless the values cancel each other out. NaN until the window is full; a value that is
 * not finite empties it.
 *
 * State, from `at`: how far the ring has come (see `rolling-window.ts`), sum, largest value that may leave unnoticed (−1 where
 * the sum is beyond all numbers), the ring.
 */
export function rollingMean(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  row: number,
  at: number,
): void {
  if (steadyMean(state, at, values, row, period, out, row)) return;
  const value = values[row] ?? Number.NaN;
  if (value - value !== 0) {
    state[at] = 0;
    out[row] = Number.NaN;
    return;
  }
  const come = (state[at] ?? 0) | 0;
  const place = come & placeMask;
  state[at + 3 + place] = value;
  const turn = come >> turnAt;
  const isRound = place + 1 === period;
  const mustSum = isRound && (turn === 0 || turn === windowsPerSum);
  const next = isRound ? (mustSum ? 1 : turn + 1) << turnAt : come + 1;
  state[at] = next;
  if (next > placeMask) sumAnew(state, at + 3, period, isRound ? 0 : place + 1, state, at);
  const hasSum = next > placeMask && (state[at + 2] ?? 0) >= 0;
  out[row] = hasSum ? (state[at + 1] ?? 0) * (1 / period) : Number.NaN;
}

/** {@link rollingMean} where the window is full and its sum sound; else false, and nothing is done. */
export function steadyMean(
  state: Float64Array,
  at: number,
  values: Float64Array,
  row: number,
  period: number,
  out: Float64Array,
  outAt: number,
): boolean {
  const come = (state[at] ?? 0) | 0;
  const turn = come >> turnAt;
  const place = come & placeMask;
  const isRound = place + 1 === period;
  if (turn === 0 || (isRound && turn === windowsPerSum)) return false;
  const value = values[row] ?? Number.NaN;
  const leaving = state[at + 3 + place] ?? 0;
  const sum = (state[at + 1] ?? 0) + (value - leaving);
  const ceiling = state[at + 2] ?? 0;
  const floor = floorOf(ceiling, period);
  const size = Math.abs(sum);
  const isSound = Math.abs(leaving) <= ceiling && size >= floor && size <= Number.MAX_VALUE;
  if (!isSound) return false;
  state[at + 3 + place] = value;
  state[at] = isRound ? (turn + 1) << turnAt : come + 1;
  state[at + 1] = sum;
  out[outAt] = sum * (1 / period);
  return true;
}

/** {@link rollingMean} over rows of a column. */
export function runRollingMean(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  const isLong = to - from > 2 * period && areApart([values], [out]);
  let unsound = from;
  for (let i = from; i < to; i += 1) {
    if (isLong && i > unsound && i - from >= period && (state[at] ?? 0) >= 1 << turnAt) {
      i = runSoundly(state, period, values, out, i, to, at);
      if (i === to) return;
      // What spoils the sum is among the next rows: one by one for a while.
      unsound = i + period;
    }
    rollingMean(state, period, values, out, i, at);
  }
}

/**
 * The rows from `from` on, in stretches from one summing to the next, with what leaves the window read from the column instead
 * of the ring. Gives the row it came to: the start of the first stretch in which a value that is not finite comes or an outlier
 * leaves.
 */
function runSoundly(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at: number,
): number {
  const share = 1 / period;
  const come = (state[at] ?? 0) | 0;
  let count = (come >> turnAt) * period + (come & placeMask);
  let sum = state[at + 1] ?? 0;
  let start = from;
  while (start < to) {
    const end = Math.min(to, start + (windowsPerSum + 1) * period - 1 - count);
    const ceiling = state[at + 2] ?? 0;
    const floor = floorOf(ceiling, period);
    let running = sum;
    let i = start;
    for (; i + 3 < end; i += 4) {
      // Four at once, with one look at all that leave: what is small together is small one by one.
      const lag = i - period;
      const a = values[lag] ?? 0;
      const b = values[lag + 1] ?? 0;
      const c = values[lag + 2] ?? 0;
      const d = values[lag + 3] ?? 0;
      const first = running + ((values[i] ?? 0) - a);
      const second = first + ((values[i + 1] ?? 0) - b);
      const third = second + ((values[i + 2] ?? 0) - c);
      const fourth = third + ((values[i + 3] ?? 0) - d);
      if (!(Math.abs(a) + Math.abs(b) + Math.abs(c) + Math.abs(d) <= ceiling)) break;
      if (!(Math.abs(first) >= floor && Math.abs(second) >= floor)) break;
      if (!(Math.abs(third) >= floor && Math.abs(fourth) >= floor)) break;
      out[i] = first * share;
      out[i + 1] = second * share;
      out[i + 2] = third * share;
      out[i + 3] = fourth * share;
      running = fourth;
    }
    if (i + 3 < end) break;
    for (; i < end; i += 1) {
      const leaving = values[i - period] ?? 0;
      running += (values[i] ?? 0) - leaving;
      if (!(Math.abs(leaving) <= ceiling && Math.abs(running) >= floor)) break;
      out[i] = running * share;
    }
    if (i < end || !(Math.abs(running) <= Number.MAX_VALUE)) break;
    sum = running;
    count += end - start;
    start = end;
    if (end === to || !Number.isFinite(values[end])) break;
    sumAnew(values, end + 1 - period, period, 0, state, at);
    sum = state[at + 1] ?? 0;
    count = period;
    start = end + 1;
    const hasSum = (state[at + 2] ?? 0) >= 0;
    out[end] = hasSum ? sum * share : Number.NaN;
    if (!hasSum) break;
  }
  const place = count % period;
  state[at] = (((count - place) / period) << turnAt) + place;
  state[at + 1] = sum;
  keepWindow(state, at + 3, period, values, start, place);
  return start;
}

/** The least that a sum may be, from the most that may leave. */
const floorOf = (ceiling: number, period: number): number => ceiling * period * (least / outlier);

/** Sums `period` values from `from` on, a ring whose oldest is in slot `oldest`, and notes how large they are. */
function sumAnew(
  values: Float64Array,
  from: number,
  period: number,
  oldest: number,
  state: Float64Array,
  at: number,
): void {
  let sum = 0;
  let size = 0;
  for (let n = 0, slot = oldest; n < period; n += 1) {
    const value = values[from + slot] ?? 0;
    sum += value;
    size += Math.abs(value);
    slot = slot + 1 === period ? 0 : slot + 1;
  }
  const hasSum = size - size === 0;
  state[at + 1] = hasSum ? sum : 0;
  state[at + 2] = hasSum ? Math.min((outlier / period) * size, Number.MAX_VALUE) : -1;
}
