import { median } from '@perpdesk/core';
import type { Features } from './feature-set.ts';
import { meanOf } from './measures.ts';
import { at, type Series } from './series.ts';

const bars = 20;

/**
 * Volume of one timeframe over 20 bars: `anomaly` (last bar over the median), `conviction` (volume of rising bars less that of
 * falling ones over all, −1 to 1), `delta` (Chaikin money flow: volume weighted by where in its range each bar closed, −1 to 1:
 * a proxy for buyers less sellers where trades are not seen), `trend` (mean of 5 bars over that of 20), `concentration` (share of
 * the three largest bars), `priceMove` (10 bars, in ATR, where `atr` is given). Absent below 20 bars, or without any volume.
 */
export function volumeFeatures(series: Series, atr?: number): Features | undefined {
  if (series.length < bars) return undefined;
  const start = series.length - bars;
  const volumes = series.volume.slice(start);
  const total = meanOf(volumes) * bars;
  const middle = median(volumes) ?? 0;
  if (!(total > 0)) return undefined;
  let signed = 0;
  let flow = 0;
  for (let i = start; i < series.length; i += 1) {
    const volume = at(series.volume, i);
    const high = at(series.high, i);
    const low = at(series.low, i);
    const close = at(series.close, i);
    signed += Math.sign(close - at(series.open, i)) * volume;
    if (high > low) flow += (volume * (2 * close - high - low)) / (high - low);
  }
  const back = at(series.close, series.length - 11);
  return {
    ...(middle > 0 ? { anomaly: at(volumes, bars - 1) / middle } : {}),
    conviction: signed / total,
    delta: flow / total,
    trend: (meanOf(volumes, bars - 5) * bars) / total,
    concentration: largestThree(volumes) / total,
    ...(atr !== undefined ? { priceMove: (at(series.close, series.length - 1) - back) / atr } : {}),
  };
}

/** The sum of the three largest. */
function largestThree(values: readonly number[]): number {
  let [first, second, third] = [0, 0, 0];
  for (const value of values) {
    if (value > first) [first, second, third] = [value, first, second];
    else if (value > second) [second, third] = [value, second];
    else if (value > third) third = value;
  }
  return first + second + third;
}

/**
 * Price and volume apart: how far a move of an ATR or more went on shrinking volume, against the move: −1 (a rise that nobody
 * joins) to +1 (a fall that nobody joins), 0 where volume went with the price.
 */
export function priceVolumeDivergence(priceMove: number, volumeTrend: number): number {
  if (Math.abs(priceMove) < 1 || volumeTrend >= 1) return 0;
  return -Math.sign(priceMove) * (1 - volumeTrend);
}
