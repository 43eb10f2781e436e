import { areApart } from './columns.ts';

/** How many numbers the state of {@link runExtremes} takes. */
export const extremesStateSize = (period: number): number => 3 + 2 * (period - 1);

/** Two candidates beside each other, so that which is greater is a place and not a branch, mispredicted half of the time. */
export const pair = new Float64Array(2);

function greater(one: number, other: number): number {
  pair[0] = one;
  pair[1] = other;
  return pair[Number(other > one)] ?? Number.NaN;
}

function lesser(one: number, other: number): number {
  pair[0] = one;
  pair[1] = other;
  return pair[Number(other < one)] ?? Number.NaN;
}

/**
 * The highest high and the lowest low of the last `period` rows by the block scheme of van Herk and Gil–Werman (1992): a
 * window is the tail of one block and the head of the next, three comparisons a row whatever the period. NaN until the window
 * is full; a row that is not finite empties it.
 *
 * State, from `at`: place in the block, plus the period once a block was filled; extremes of the head; then two slots per
 * place but the first: this block's high and low up to the place, the extremes of the last block's tails after it. Between
 * two blocks all are highs and lows.
 */
export function rollingExtremes(
  state: Float64Array,
  period: number,
  highs: Float64Array,
  lows: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  row: number,
  at: number,
): void {
  if (steadyExtremes(state, at, highs, lows, row, period, both, 0)) {
    upper[row] = both[0] ?? Number.NaN;
    lower[row] = both[1] ?? Number.NaN;
    return;
  }
  const high = highs[row] ?? Number.NaN;
  const low = lows[row] ?? Number.NaN;
  const sum = high + low;
  upper[row] = lower[row] = Number.NaN;
  if (sum - sum !== 0) {
    state[at] = 0;
    return;
  }
  const slots = at + 1;
  const place = (state[at] ?? 0) | 0;
  const top = place > 0 ? greater(state[slots] ?? 0, high) : high;
  const bottom = place > 0 ? lesser(state[slots + 1] ?? 0, low) : low;
  state[at] = place + 1;
  state[slots + 2 * place] = high;
  state[slots + 2 * place + 1] = low;
  state[slots] = top;
  state[slots + 1] = bottom;
  if (place + 1 < period) return;
  upper[row] = top;
  lower[row] = bottom;
}

const both = new Float64Array(2);

/**
 * {@link rollingExtremes} where the window is full and the row finite: the highest goes to `out[outAt]`, the lowest after it. Else
 * false, and nothing is done.
 */
export function steadyExtremes(
  state: Float64Array,
  at: number,
  highs: Float64Array,
  lows: Float64Array,
  row: number,
  period: number,
  out: Float64Array,
  outAt: number,
): boolean {
  const sum = (highs[row] ?? Number.NaN) + (lows[row] ?? Number.NaN);
  if ((state[at] ?? 0) < period || sum - sum !== 0) return false;
  takeExtremes(state, at, highs, lows, row, period, out, outAt);
  return true;
}

/** {@link steadyExtremes} where that is known. */
export function takeExtremes(
  state: Float64Array,
  at: number,
  highs: Float64Array,
  lows: Float64Array,
  row: number,
  period: number,
  out: Float64Array,
  outAt: number,
): void {
  const high = highs[row] ?? Number.NaN;
  const low = lows[row] ?? Number.NaN;
  const place = ((state[at] ?? 0) | 0) - period;
  const slots = at + 1;
  let top = high;
  let bottom = low;
  if (place > 0) {
    top = greater(state[slots] ?? 0, high);
    bottom = lesser(state[slots + 1] ?? 0, low);
    state[slots + 2 * place] = high;
    state[slots + 2 * place + 1] = low;
  } else extremesOfTails(state, slots, period);
  state[slots] = top;
  state[slots + 1] = bottom;
  if (place + 1 === period) {
    state[at] = period;
    out[outAt] = top;
    out[outAt + 1] = bottom;
  } else {
    state[at] = period + place + 1;
    out[outAt] = greater(top, state[slots + 2 * place + 2] ?? 0);
    out[outAt + 1] = lesser(bottom, state[slots + 2 * place + 3] ?? 0);
  }
}

/** {@link rollingExtremes} over rows of columns. */
export function runExtremes(
  state: Float64Array,
  period: number,
  highs: Float64Array,
  lows: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  const isLong = to - from >= 2 * period && areApart([highs, lows], [upper, lower]);
  for (let i = from; i < to; i += 1) {
    if (isLong && state[at] === period && i - from >= period && to - i >= period) {
      const start = i;
      i = extremeBlocks(period, highs, lows, upper, lower, i, to);
      for (let slot = 1; slot < period && i > start; slot += 1) {
        state[at + 1 + 2 * slot] = highs[i - period + slot] ?? 0;
        state[at + 2 + 2 * slot] = lows[i - period + slot] ?? 0;
      }
      if (i === to) return;
    }
    rollingExtremes(state, period, highs, lows, upper, lower, i, at);
  }
}

/** Turns the highs and lows of a filled block into the extremes of its tails. */
function extremesOfTails(state: Float64Array, slots: number, period: number): void {
  for (let slot = slots + 2 * (period - 2); slot > slots; slot -= 2) {
    state[slot] = greater(state[slot + 2] ?? 0, state[slot] ?? 0);
    state[slot + 1] = lesser(state[slot + 3] ?? 0, state[slot + 1] ?? 0);
  }
}

/**
 * Whole blocks from row `from` on, where a block lies before them: the same comparisons, but a block's head and its tails
 * in one loop, whose chains the processor works on at once. Gives the row it came to: the end of the last block of finite
 * values.
 */
function extremeBlocks(
  period: number,
  highs: Float64Array,
  lows: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  from: number,
  to: number,
): number {
  let tails = new Float64Array(2 * period);
  let following = new Float64Array(2 * period);
  for (let place = 1; place < period; place += 1) {
    tails[2 * place] = highs[from - period + place] ?? Number.NaN;
    tails[2 * place + 1] = lows[from - period + place] ?? Number.NaN;
  }
  extremesOfTails(tails, 0, period);
  // One table for all comparisons of a row, each with two places of its own, so that none waits for another.
  const table = new Float64Array(16);
  let start = from;
  for (; to - start >= period; start += period) {
    const last = start + period - 1;
    let top = highs[start] ?? Number.NaN;
    let bottom = lows[start] ?? Number.NaN;
    let tailTop = highs[last] ?? Number.NaN;
    let tailBottom = lows[last] ?? Number.NaN;
    let check = 0;
    for (let place = 1; place < period; place += 1) {
      const i = start + place - 1;
      const high = highs[i] ?? Number.NaN;
      const low = lows[i] ?? Number.NaN;
      const both = high + low;
      check += both - both;
      table[0] = top;
      table[1] = high;
      top = table[Number(high > top)] ?? 0;
      table[2] = bottom;
      table[3] = low;
      bottom = table[2 + Number(low < bottom)] ?? 0;
      const before = tails[2 * place] ?? 0;
      const below = tails[2 * place + 1] ?? 0;
      table[4] = top;
      table[5] = before;
      upper[i] = table[4 + Number(before > top)] ?? 0;
      table[6] = bottom;
      table[7] = below;
      lower[i] = table[6 + Number(below < bottom)] ?? 0;
      const tailHigh = highs[last - place + 1] ?? Number.NaN;
      const tailLow = lows[last - place + 1] ?? Number.NaN;
      table[8] = tailTop;
      table[9] = tailHigh;
      tailTop = table[8 + Number(tailHigh > tailTop)] ?? 0;
      table[10] = tailBottom;
      table[11] = tailLow;
      tailBottom = table[10 + Number(tailLow < tailBottom)] ?? 0;
      following[2 * (period - place)] = tailTop;
      following[2 * (period - place) + 1] = tailBottom;
    }
    const both = (highs[last] ?? Number.NaN) + (lows[last] ?? Number.NaN);
    if (check + (both - both) !== 0) break;
    upper[last] = greater(top, highs[last] ?? Number.NaN);
    lower[last] = lesser(bottom, lows[last] ?? Number.NaN);
    [tails, following] = [following, tails];
  }
  return start;
}
