import { barOpenMs, type Candle, type Timeframe } from '@perpdesk/core';

/** A higher bar as far as its closed minutes came, with the minute that is forming in it. */
export function joinForming(bar: Candle | undefined, minute: Candle, timeframe: Timeframe): Candle {
  const openAtMs = barOpenMs(timeframe, minute.openAtMs);
  if (bar?.openAtMs !== openAtMs) return { ...minute, timeframe, openAtMs };
  return {
    ...bar,
    high: Math.max(bar.high, minute.high),
    low: Math.min(bar.low, minute.low),
    close: minute.close,
    volume: bar.volume + minute.volume,
  };
}
