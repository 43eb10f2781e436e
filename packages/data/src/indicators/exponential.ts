/** How many numbers the state of {@link runExponential} takes. */
export const exponentialStateSize = 2;

/** What the newest value weighs in an exponential moving average of `period` bars. */
export const emaWeight = (period: number): number => 2 / (period + 1);

/**
 * Exponential smoothing of any weight, seeded by the simple mean of the first `period` values: with `emaWeight`
 * TA-Lib's EMA, with 1 / period Wilder's smoothing. May write over its input.
 *
 * State: values seen (up to the period), their sum and from then on the average.
 */
export function runExponential(
  state: Float64Array,
  period: number,
  weight: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  let seen = state[0] ?? 0;
  let average = state[1] ?? 0;
  let i = from;
  while (i < to) {
    for (; i < to && seen < period; i += 1) {
      const value = values[i] ?? Number.NaN;
      const finite = value - value === 0;
      seen = finite ? seen + 1 : 0;
      average = finite ? average + value : 0;
      if (seen === period) average /= period;
      out[i] = seen === period ? average : Number.NaN;
    }
    for (; i < to; i += 1) {
      const value = values[i] ?? Number.NaN;
      if (value - value !== 0) {
        seen = 0;
        average = 0;
        break;
      }
      average += (value - average) * weight;
      out[i] = average;
    }
  }
  state[0] = seen;
  state[1] = average;
}
