import type { IndicatorSpec } from './indicator-spec.ts';

/** What the desk's agents and charts read, on every timeframe from 5m up. */
export const deskIndicators: readonly IndicatorSpec[] = [
  { kind: 'ema', period: 20 },
  { kind: 'ema', period: 50 },
  { kind: 'ema', period: 200 },
  { kind: 'rsi', period: 14 },
  { kind: 'macd', fast: 12, slow: 26, signal: 9 },
  { kind: 'bollinger', period: 20, deviations: 2 },
  { kind: 'atr', period: 14 },
  { kind: 'stoch-rsi', rsi: 14, stochastic: 14, k: 3, d: 3 },
  { kind: 'adx', period: 14 },
  { kind: 'donchian', period: 20 },
  { kind: 'roc', period: 10 },
  { kind: 'obv' },
  { kind: 'vwap' },
  { kind: 'sma', period: 20, source: 'volume' },
];
