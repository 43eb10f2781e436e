import type { Features } from './feature-set.ts';
import { type IndicatorReadings, rsiOf } from './indicators.ts';
import { at, type Series } from './series.ts';
import { type Swing, swingsOf } from './swings.ts';

/**
 * Momentum of one timeframe: `rsi` (14), `stochRsi` (%K, 0 to 100), `macd` (histogram in ATR), and `divergence`: −1 where the last
 * swing high is higher and its RSI lower than before, +1 where the last swing low is lower and its RSI higher, 0 where the
 * two agree (Wilder's failure of momentum to confirm). Of two, the younger counts.
 */
export function momentumFeatures(
  series: Series,
  swings: readonly Swing[],
  indicators: IndicatorReadings,
  atr: number,
): Features {
  const { rsi14, stochRsiK, macdHistogram } = indicators;
  const divergence = divergenceOf(series, swings);
  return {
    ...(rsi14 !== undefined ? { rsi: rsi14 } : {}),
    ...(stochRsiK !== undefined ? { stochRsi: stochRsiK } : {}),
    ...(macdHistogram !== undefined ? { macd: macdHistogram / atr } : {}),
    ...(divergence !== undefined ? { divergence } : {}),
  };
}

const rsiPeriod = 14;

function divergenceOf(series: Series, swings: readonly Swing[]): number | undefined {
  const rsi = rsiOf(series.close, rsiPeriod);
  const pairs = (['high', 'low'] as const).flatMap((kind) => {
    const [older, newer] = swingsOf(swings, kind).slice(-2);
    return older && newer && older.index >= rsiPeriod ? [{ older, newer }] : [];
  });
  const youngest = pairs.sort((a, b) => b.newer.index - a.newer.index)[0];
  if (youngest === undefined) return undefined;
  const { older, newer } = youngest;
  const price = newer.price - older.price;
  const strength = at(rsi, newer.index - rsiPeriod) - at(rsi, older.index - rsiPeriod);
  if (newer.kind === 'high') return price > 0 && strength < 0 ? -1 : 0;
  return price < 0 && strength > 0 ? 1 : 0;
}
