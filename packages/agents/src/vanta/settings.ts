import type { Timeframe } from '@perpdesk/core';

/** Vanta's thresholds, in one place. Set once, from reasons; "full" is about two standard deviations of a random walk. */
export const vantaDefaults = {
  weight: 0.4,
  /** The timeframe it judges on, and those it looks to for the larger picture. */
  timeframe: '15m',
  /** How much each timeframe counts in trend and levels. */
  timeframes: [
    { timeframe: '15m', trendWeight: 0.4, touchWeight: 1 },
    { timeframe: '1h', trendWeight: 0.35, touchWeight: 1.5 },
    { timeframe: '4h', trendWeight: 0.25, touchWeight: 2 },
  ],
  /** Candles read of each timeframe. */
  candles: 50,
  /** Candles of 15m that it needs, and of 1h: MACD's signal needs 34, a trend of the hour 21. */
  leastCandles: 40,
  leastContextCandles: 21,
  /** Touches closer than this many ATR are one level; a model may shift a level by `levelShift` ATR. */
  levelTolerance: 0.5,
  levelShift: 0.25,
  levelsPerSide: 4,
  /** The readings, in ATR, at which trend terms are full. */
  trendFull: { emaSpread: 3.5, emaDistance: 3, slope: 6 },
  /** The change of swing prices, in ATR, at which swing structure is full. */
  swingFull: 2,
  /** RSI's distance from 50, and the MACD histogram in ATR, at which momentum is full. */
  momentumFull: { rsi: 20, macd: 0.4 },
  /** RSI beyond these is exhausted when the market ranges. */
  exhaustion: { high: 70, low: 30 },
  /** Conviction and money flow at which volume is full. */
  volumeFull: { conviction: 0.5, delta: 0.25 },
  /** Bollinger width percentile below which volatility is compressed, above which expanded. */
  bandWidth: { compressed: 0.2, expanded: 0.8 },
  /** The last true range, in ATR, from which a bar is a volatility spike. */
  spikeRange: 3,
  /** ATR trend from which volatility is rising, and below which it is fading. */
  atrTrend: { rising: 1.25, fading: 0.8 },
  /** The trend bias, in [0, 1], from which a market trends. */
  trendingBias: 0.45,
} as const satisfies { readonly timeframe: Timeframe } & Record<string, unknown>;
