import type { Features } from './feature-set.ts';
import type { IndicatorReadings } from './indicators.ts';
import { slopeOf } from './measures.ts';
import { at, lastClose, type Series } from './series.ts';

const bars = 20;

/**
 * Trend of one timeframe, in ATR so that markets compare: `emaSpread` (EMA 20 less EMA 50), `emaDistance` (close less EMA 20),
 * `slope` (least squares over 20 bars, times 20), and `efficiency` (net move over path, Kaufman, Smarter Trading, 1995; 0 to 1).
 */
export function trendFeatures(series: Series, indicators: IndicatorReadings, atr: number): Features {
  const { ema20, ema50 } = indicators;
  const efficiency = efficiencyOf(series.close);
  return {
    ...(ema20 !== undefined && ema50 !== undefined ? { emaSpread: (ema20 - ema50) / atr } : {}),
    ...(ema20 !== undefined ? { emaDistance: (lastClose(series) - ema20) / atr } : {}),
    ...(series.length >= bars ? { slope: (slopeOf(series.close, bars) * bars) / atr } : {}),
    ...(efficiency !== undefined ? { efficiency } : {}),
  };
}

function efficiencyOf(close: readonly number[]): number | undefined {
  if (close.length <= bars) return undefined;
  const start = close.length - 1 - bars;
  let path = 0;
  for (let i = start + 1; i < close.length; i += 1) path += Math.abs(at(close, i) - at(close, i - 1));
  return path === 0 ? undefined : Math.abs(at(close, close.length - 1) - at(close, start)) / path;
}
