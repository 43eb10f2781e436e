/** Windows are summed anew once in so many of their lengths, so that rounding can't add up. */
export const windowsPerSum = 32;

/**
 * How far a ring has come, as one number: the place of its oldest value, below 2^20, and how many times it was filled since it
 * was last summed. 0 before anything.
 */
export const turnAt = 20;
export const placeMask = (1 << turnAt) - 1;

/**
 * Puts the last `period` of `values`, those before row `end`, into the ring that a state keeps from `ringAt` on, where the
 * oldest is in slot `place`.
 */
export function keepWindow(
  state: Float64Array,
  ringAt: number,
  period: number,
  values: Float64Array,
  end: number,
  place: number,
): void {
  let slot = place;
  for (let i = end - period; i < end; i += 1) {
    state[ringAt + slot] = values[i] ?? Number.NaN;
    slot = slot + 1 === period ? 0 : slot + 1;
  }
}
