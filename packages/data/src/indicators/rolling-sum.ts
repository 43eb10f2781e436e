/** How many numbers the state of {@link runRollingSum} takes. */
export const rollingSumSize = (period: number): number => period + 4;

/**
 * Sums of the last `period` values, each divided by `divisor`, without ever subtracting: rows are cut into blocks of
 * `period`; a window is the tail of one block and the head of the next, and both are only added up. What has left the
 * window therefore leaves no rounding error behind, as it would in a running sum. At the end of a block its tails are
 * summed from the back, so that a row costs O(1), amortised. (The block scheme of van Herk and Gil–Werman, 1992, for sums.)
 *
 * State: place in the block, 1 once a block was filled, sum of the head, then one slot per place (values of this block
 * up to the place, sums of the last block's tails after it) and a slot that stays 0.
 */
export function runRollingSum(
  state: Float64Array,
  period: number,
  divisor: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  let place = (state[0] ?? 0) | 0;
  let full = (state[1] ?? 0) !== 0;
  let head = state[2] ?? 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      place = 0;
      head = 0;
      full = false;
      out[i] = Number.NaN;
      continue;
    }
    head += value;
    state[3 + place] = value;
    place += 1;
    out[i] = full || place === period ? (head + (state[3 + place] ?? 0)) / divisor : Number.NaN;
    if (place === period) {
      for (let slot = 2 + period - 1; slot >= 3; slot -= 1) state[slot] = (state[slot] ?? 0) + (state[slot + 1] ?? 0);
      place = 0;
      head = 0;
      full = true;
    }
  }
  state[0] = place;
  state[1] = full ? 1 : 0;
  state[2] = head;
}
