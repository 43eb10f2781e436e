import type { PriceColumns } from './columns.ts';
import { trueRange } from './true-range.ts';

/** How many numbers the state of {@link runTrueRange} takes. */
export const trueRangeStateSize = 2;

/**
 * True ranges of `rows` bars from `start` on, to the front of `out`. The first bar has none (NaN), having no bar before
 * it, as TA-Lib's TRANGE; neither has one with a number that is not finite, nor the next.
 *
 * State: 1 once a bar was seen, the previous close.
 */
export function runTrueRange(
  state: Float64Array,
  columns: PriceColumns,
  out: Float64Array,
  start: number,
  rows: number,
): void {
  const { high: highs, low: lows, close: closes } = columns;
  let seen = state[0] ?? 0;
  let previous = state[1] ?? 0;
  for (let row = 0; row < rows; row += 1) {
    const high = highs[start + row] ?? Number.NaN;
    const low = lows[start + row] ?? Number.NaN;
    const close = closes[start + row] ?? Number.NaN;
    const all = high + low + close;
    const finite = all - all === 0;
    out[row] = finite && seen === 1 ? trueRange(high, low, previous) : Number.NaN;
    seen = finite ? 1 : 0;
    previous = finite ? close : 0;
  }
  state[0] = seen;
  state[1] = previous;
}
