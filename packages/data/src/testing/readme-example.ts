import { type Candle, timeframeMs } from '@perpdesk/core';
import { CandleRollup, IndicatorPipeline, MarketSimulator } from '@perpdesk/data';

// A seeded market: the same seed gives the same bytes. A ReplaySource of recorded files has the same shape.
const source = new MarketSimulator({ seed: 7, markets: ['BTC-PERP'], venues: ['hyperliquid'], backfillDays: 3 });
const pipeline = new IndicatorPipeline({ indicators: [{ kind: 'rsi' }, { kind: 'atr' }], timeframes: ['15m'] });
for await (const candles of source.history()) pipeline.warm(candles.filter(({ timeframe }) => timeframe === '15m'));

// 1m bars become 15m bars; each is given once, with all of its minutes or not at all.
const rollup = new CandleRollup({
  instrumentId: 'BTC-PERP@hyperliquid',
  targets: ['15m'],
  listener: {
    closed: (bar: Candle) => {
      const { 'rsi(14)': rsi, 'atr(14)': atr } = pipeline.update(bar)?.values ?? {};
      const closedAt = new Date(bar.openAtMs + timeframeMs('15m')).toISOString().slice(11, 16);
      console.log(`${closedAt} close ${bar.close} rsi ${rsi?.toFixed(1)} atr ${atr?.toFixed(1)}`);
    },
  },
});
const endMs = Date.UTC(2026, 0, 5, 1);
for await (const { atMs, observations } of source.steps()) {
  if (atMs > endMs) break;
  for (const seen of observations) if (seen.kind === 'candle') rollup.push(seen.candle);
}
