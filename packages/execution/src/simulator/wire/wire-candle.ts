import type { ExchangeCandle } from '../records/candle-book.ts';
import type { CandleInterval } from '../records/candle-interval.ts';
import { wireDecimal } from './wire-decimal.ts';

/** A candle, as `candleSnapshot` and the `candle` subscription show it. */
export const wireCandle = (
  coin: string,
  interval: CandleInterval,
  candle: ExchangeCandle,
): Record<string, unknown> => ({
  t: candle.openMs,
  T: candle.closeMs,
  s: coin,
  i: interval,
  o: wireDecimal(candle.open),
  c: wireDecimal(candle.close),
  h: wireDecimal(candle.high),
  l: wireDecimal(candle.low),
  v: wireDecimal(candle.volume),
  n: candle.trades,
});
