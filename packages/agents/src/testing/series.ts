import type { Timeframe } from '@perpdesk/core';
import type { Series } from '../features/series.ts';

/** A series with these closes; bars reach `wick` beyond open and close. */
export function seriesOf(
  close: readonly number[],
  {
    volume = close.map(() => 1),
    wick = 0,
    timeframe = '15m',
  }: { volume?: readonly number[]; wick?: number; timeframe?: Timeframe } = {},
): Series {
  const open = close.map((value, i) => close[i - 1] ?? value);
  return {
    instrumentId: 'BTC-PERP@hyperliquid',
    timeframe,
    length: close.length,
    open,
    high: close.map((value) => value + wick),
    low: close.map((value) => value - wick),
    close,
    volume,
    lastOpenAtMs: 0,
  };
}
