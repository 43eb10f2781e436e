import { at, type Series } from './series.ts';

/** A bar whose high (or low) stands out from its neighbours. */
export interface Swing {
  readonly kind: 'high' | 'low';
  readonly index: number;
  readonly price: number;
}

/** How many bars on either side a swing stands out from, and must have closed after it before it counts. */
export const swingWing = 2;

/**
 * Finds swing highs and lows, oldest first: a high above those of the two bars before and not below those of the two after
 * (Bill Williams' fractal, Trading Chaos, 1995), mirrored for lows. The last two bars can not be swings yet.
 */
export function findSwings(series: Series): readonly Swing[] {
  const swings: Swing[] = [];
  for (let i = swingWing; i < series.length - swingWing; i += 1) {
    if (standsOut(series.high, i, 1)) swings.push({ kind: 'high', index: i, price: at(series.high, i) });
    if (standsOut(series.low, i, -1)) swings.push({ kind: 'low', index: i, price: at(series.low, i) });
  }
  return swings;
}

function standsOut(column: readonly number[], index: number, sign: 1 | -1): boolean {
  const value = sign * at(column, index);
  for (let step = 1; step <= swingWing; step += 1) {
    if (sign * at(column, index - step) >= value || sign * at(column, index + step) > value) return false;
  }
  return true;
}

/** The swings of one kind, oldest first. */
export const swingsOf = (swings: readonly Swing[], kind: Swing['kind']): readonly Swing[] =>
  swings.filter((swing) => swing.kind === kind);
