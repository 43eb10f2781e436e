import type { Features } from './feature-set.ts';
import { slopeOf } from './measures.ts';
import { at, lastClose, type Series } from './series.ts';
import { type Swing, swingsOf, swingWing } from './swings.ts';

/** A close beyond the last confirmed swing: with the direction of the previous break, or against it. */
export interface StructureBreak {
  readonly kind: 'break-of-structure' | 'change-of-character';
  readonly direction: 1 | -1;
  /** Bars since: 0 is the last bar. */
  readonly age: number;
}

/** Walks the bars and gives the last structural break: the swing high or low of two bars ago or older that a close went beyond. */
export function lastBreak(series: Series, swings: readonly Swing[]): StructureBreak | undefined {
  let high: number | undefined;
  let low: number | undefined;
  let previous: 1 | -1 | undefined;
  let result: StructureBreak | undefined;
  let next = 0;
  for (let i = 0; i < series.length; i += 1) {
    for (let swing = swings[next]; swing !== undefined && swing.index + swingWing < i; swing = swings[next]) {
      if (swing.kind === 'high') high = swing.price;
      else low = swing.price;
      next += 1;
    }
    const close = at(series.close, i);
    const direction = high !== undefined && close > high ? 1 : low !== undefined && close < low ? -1 : undefined;
    if (direction === undefined) continue;
    const kind = previous === undefined || previous === direction ? 'break-of-structure' : 'change-of-character';
    result = { kind, direction, age: series.length - 1 - i };
    previous = direction;
    if (direction === 1) high = undefined;
    else low = undefined;
  }
  return result;
}

/** Bars for which a structural break counts as one. */
export const breakBars = 12;

/**
 * Swing structure in numbers: `highs` and `lows` (last swing less the one before, in ATR: both up is an uptrend),
 * `break` (+1 or −1, 0 when none is younger than 12 bars) with `breakAge` in bars and `breakIsChange` (1 for a change of
 * character), `rangePosition` of the close between the window's low (0) and high (1).
 */
export function structureFeatures(series: Series, swings: readonly Swing[], atr: number): Features {
  const last = lastBreak(series, swings);
  const broken = last !== undefined && last.age < breakBars ? last : undefined;
  const [olderHigh, lastHigh] = swingsOf(swings, 'high').slice(-2);
  const [olderLow, lastLow] = swingsOf(swings, 'low').slice(-2);
  const top = Math.max(...series.high);
  const bottom = Math.min(...series.low);
  return {
    ...(olderHigh && lastHigh ? { highs: (lastHigh.price - olderHigh.price) / atr } : {}),
    ...(olderLow && lastLow ? { lows: (lastLow.price - olderLow.price) / atr } : {}),
    break: broken?.direction ?? 0,
    ...(broken ? { breakAge: broken.age, breakIsChange: broken.kind === 'change-of-character' ? 1 : 0 } : {}),
    ...(top > bottom ? { rangePosition: (lastClose(series) - bottom) / (top - bottom) } : {}),
  };
}

/** Where a market stands in its cycle (after Wyckoff): rising, falling, or between the two at the bottom or the top. */
export type Phase = 'accumulation' | 'markup' | 'distribution' | 'markdown';

/** A move of this many ATR over 20 bars is a trend and not a range. About one standard deviation of a random walk. */
const trendMove = 3;
const phaseBars = 20;

/**
 * Tells the phase from `recentMove` (the last 20 bars' slope) and `priorMove` (what came before), both in ATR over 20 bars. A
 * range after a fall, or low in the window, accumulates; one after a rise, or high in the window, distributes.
 */
export function phaseOf(recentMove: number, priorMove: number, rangePosition: number): Phase {
  if (recentMove >= trendMove) return 'markup';
  if (recentMove <= -trendMove) return 'markdown';
  if (Math.abs(priorMove) >= trendMove) return priorMove > 0 ? 'distribution' : 'accumulation';
  return rangePosition > 0.5 ? 'distribution' : 'accumulation';
}

/** `recentMove` and `priorMove` of {@link phaseOf}. Absent below 40 bars. */
export function phaseFeatures(series: Series, atr: number): Features | undefined {
  if (series.length < 2 * phaseBars) return undefined;
  const before = series.close.slice(0, series.length - phaseBars);
  return {
    recentMove: (slopeOf(series.close, phaseBars) * phaseBars) / atr,
    priorMove: (slopeOf(before, phaseBars) * phaseBars) / atr,
  };
}
