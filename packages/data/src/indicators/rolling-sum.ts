/** Windows up to this length are simply added up. */
export const shortest = 4;

/** How many numbers the state of {@link runRollingSum} takes. */
export const rollingSumSize = (period: number): number => (period <= shortest ? period : period + 1);

/**
 * Sums of the last `period` values, each divided by `divisor`, without ever subtracting: rows are cut into blocks of
 * `period`; a window is the tail of one block and the head of the next, and both are only added up. What has left the
 * window therefore leaves no rounding error behind, as it would in a running sum. At the end of a block its tails are
 * summed from the back, so that a row costs O(1), amortised. (The block scheme of van Herk and Gil–Werman, 1992, for sums.)
 * Windows of up to four values are added up, oldest first.
 *
 * `values` and `out` may be one column. State, from `at`: see the two functions below.
 */
export function runRollingSum(
  state: Float64Array,
  period: number,
  divisor: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  if (period <= shortest) runShortSum(state, period, divisor, values, out, from, to, at);
  else runBlockSum(state, period, divisor, values, out, from, to, at);
}

/**
 * What `runShortSum` does with a finite row `values[row]` once the first number of its state is one below the period; the sum,
 * divided by `divisor`, goes to `out[outAt]`.
 */
export function takeShortSum(
  state: Float64Array,
  at: number,
  values: Float64Array,
  row: number,
  period: number,
  divisor: number,
  out: Float64Array,
  outAt: number,
): void {
  const value = values[row] ?? Number.NaN;
  const third = period > 1 ? (state[at + 1] ?? 0) : 0;
  const second = period > 2 ? (state[at + 2] ?? 0) : 0;
  const first = period > 3 ? (state[at + 3] ?? 0) : 0;
  if (period > 3) state[at + 3] = second;
  if (period > 2) state[at + 2] = third;
  if (period > 1) state[at + 1] = value;
  out[outAt] = (first + second + third + value) / divisor;
}

/** State: values seen, below the period; then the values before the present one, newest first. */
function runShortSum(
  state: Float64Array,
  period: number,
  divisor: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at: number,
): void {
  let seen = state[at] ?? 0;
  let third = period > 1 ? (state[at + 1] ?? 0) : 0;
  let second = period > 2 ? (state[at + 2] ?? 0) : 0;
  let first = period > 3 ? (state[at + 3] ?? 0) : 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      seen = first = second = third = 0;
      out[i] = Number.NaN;
      continue;
    }
    out[i] = seen + 1 < period ? Number.NaN : (first + second + third + value) / divisor;
    if (seen + 1 < period) seen += 1;
    if (period > 3) first = second;
    if (period > 2) second = third;
    if (period > 1) third = value;
  }
  state[at] = seen;
  if (period > 1) state[at + 1] = third;
  if (period > 2) state[at + 2] = second;
  if (period > 3) state[at + 3] = first;
}

/**
 * State: place in the block, plus the period once a block was filled; sum of the head; then one slot per place but the
 * first: values of this block up to the place, sums of the last block's tails after it.
 */
function runBlockSum(
  state: Float64Array,
  period: number,
  divisor: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at: number,
): void {
  const slots = at + 1;
  const seen = (state[at] ?? 0) | 0;
  let full = seen >= period;
  let place = full ? seen - period : seen;
  let head = state[at + 1] ?? 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      place = head = 0;
      full = false;
      out[i] = Number.NaN;
      continue;
    }
    head += value;
    state[slots + place] = value;
    place += 1;
    if (place < period) {
      out[i] = full ? (head + (state[slots + place] ?? 0)) / divisor : Number.NaN;
      continue;
    }
    out[i] = head / divisor;
    for (let slot = slots + period - 2; slot > slots; slot -= 1)
      state[slot] = (state[slot] ?? 0) + (state[slot + 1] ?? 0);
    place = head = 0;
    full = true;
  }
  state[at] = full ? period + place : place;
  state[at + 1] = head;
}
