import { type Candle, median } from '@perpdesk/core';

const period = 14;
const medianBars = 50;

/** Bars that {@link readVolatility} needs: the ATR's warm-up and the median's window. */
export const volatilityBars = period + medianBars;

/** How far a market moves in a bar, in price: at present and usually. */
export interface Volatility {
  readonly atr: number;
  readonly atrMedian: number;
}

/**
 * Wilder's ATR(14) after the last bar and the median of its last 50 values, from closed bars oldest first (J. Welles
 * Wilder, New Concepts in Technical Trading Systems, 1978; seeded by the mean of the first 14 true ranges, as TA-Lib).
 * Undefined with fewer bars than {@link volatilityBars}.
 */
export function readVolatility(candles: readonly Candle[]): Volatility | undefined {
  if (candles.length < volatilityBars) return undefined;
  const values: number[] = [];
  let atr = 0;
  let previousClose = candles[0]?.close ?? 0;
  for (const [index, candle] of candles.entries()) {
    if (index === 0) continue;
    const range = Math.max(candle.high, previousClose) - Math.min(candle.low, previousClose);
    previousClose = candle.close;
    atr = index <= period ? atr + range / period : (atr * (period - 1) + range) / period;
    if (index >= period) values.push(atr);
  }
  const atrMedian = median(values.slice(-medianBars));
  return atr > 0 && atrMedian !== undefined ? { atr, atrMedian } : undefined;
}
