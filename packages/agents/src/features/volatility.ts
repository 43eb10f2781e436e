import type { Features } from './feature-set.ts';
import { type IndicatorReadings, trueRangesOf } from './indicators.ts';
import { deviationOf, meanOf, percentileOf } from './measures.ts';
import { at, lastClose, type Series } from './series.ts';

const bandBars = 20;
const recentBars = 7;
const baseBars = 28;

/**
 * Volatility of one timeframe: `atrPercent` of the close; `bandWidthPercentile` (the Bollinger(20, 2) width against those of the
 * window, 0 to 1) and `bandPosition` (%b: 0 at the lower band, 1 at the upper) after Bollinger on Bollinger Bands, 2001;
 * `atrTrend` (mean true range of 7 bars over that of the 28 before); `lastRange` (the last bar's true range in ATR).
 */
export function volatilityFeatures(series: Series, indicators: IndicatorReadings, atr: number): Features {
  const close = lastClose(series);
  const widths = bandWidths(series.close);
  const width = widths.at(-1);
  const ranges = trueRangesOf(series);
  const { bollingerUpper: upper, bollingerLower: lower } = indicators;
  const base =
    series.length >= recentBars + baseBars
      ? meanOf(ranges, ranges.length - recentBars - baseBars, ranges.length - recentBars)
      : 0;
  return {
    atrPercent: (100 * atr) / close,
    ...(width !== undefined ? { bandWidthPercentile: percentileOf(widths, width) } : {}),
    ...(upper !== undefined && lower !== undefined && upper > lower
      ? { bandPosition: (close - lower) / (upper - lower) }
      : {}),
    ...(base > 0 ? { atrTrend: meanOf(ranges, ranges.length - recentBars) / base } : {}),
    lastRange: at(ranges, ranges.length - 1) / atr,
  };
}

function bandWidths(close: readonly number[]): readonly number[] {
  const widths: number[] = [];
  for (let end = bandBars; end <= close.length; end += 1) {
    const mean = meanOf(close, end - bandBars, end);
    widths.push((4 * deviationOf(close, end - bandBars, end, mean)) / mean);
  }
  return widths;
}
