// What one 1m bar costs a desk's market data: state, roll-up and the desk's indicators on five timeframes, buses that do
// nothing. Target: 50 us a bar. Run: node --conditions=@perpdesk/source bench/ingest.bench.ts
import { type Clock, type MarketStep, SimulatedClock } from '../packages/core/src/index.ts';
import { IndicatorPipeline, MarketDataService, MarketPlayer, MarketState } from '../packages/data/src/index.ts';
import { exampleCandle, exampleInstrument, exampleTicker } from '../packages/data/src/player/testing/example-market.ts';
import { ScriptedSource } from '../packages/data/src/player/testing/scripted-source.ts';

const markets = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP', 'XRP-PERP', 'DOGE-PERP'];
const instruments = markets.map((market) => exampleInstrument(market, 'hyperliquid'));
const fromMs = Date.UTC(2026, 0, 5);
const minutes = 20_000;

const steps: readonly MarketStep[] = Array.from({ length: minutes }, (_, i) => {
  const atMs = fromMs + (i + 1) * 60_000;
  return {
    atMs,
    observations: instruments.flatMap(({ id }) => [
      { kind: 'candle', candle: exampleCandle(id, '1m', atMs - 60_000) },
      { kind: 'ticker', ticker: exampleTicker(id, atMs) },
    ]),
  };
});

const marketBus = { publish: () => {} };
const eventBus = { publish: async <Event>(event: Event) => event as never };

/** A clock that is where it is put: no work in flight is waited for. */
class HandClock implements Clock {
  atMs = fromMs;
  nowMs(): number {
    return this.atMs;
  }
  setTimer(): () => void {
    return () => {};
  }
  async sleep(): Promise<void> {}
  hold(): () => void {
    return () => {};
  }
}

const timeframes = ['1m', '5m', '15m', '1h', '4h'] as const;
const perBar = (startedAt: bigint): number =>
  Number(process.hrtime.bigint() - startedAt) / (minutes * instruments.length) / 1000;

{
  const clock = new HandClock();
  const state = new MarketState({ clock });
  const pipeline = new IndicatorPipeline({ timeframes });
  const service = new MarketDataService({ clock, marketBus, eventBus, state, pipeline, timeframes });
  service.list(instruments);
  const startedAt = process.hrtime.bigint();
  for (const step of steps) {
    clock.atMs = step.atMs;
    service.absorb(step);
  }
  console.log(
    `state and indicators of ${timeframes.join(', ')}: ${perBar(startedAt).toFixed(1)} us a 1m bar with its ticker`,
  );
}
{
  const clock = new HandClock();
  const state = new MarketState({ clock });
  const service = new MarketDataService({ clock, marketBus, eventBus, state, pipeline: new IndicatorPipeline() });
  service.list(instruments);
  const startedAt = process.hrtime.bigint();
  for (const step of steps) {
    clock.atMs = step.atMs;
    await service.ingest(step);
  }
  console.log(`the same told to buses that do nothing, 5m and up: ${perBar(startedAt).toFixed(1)} us`);
}
{
  const clock = new SimulatedClock();
  const state = new MarketState({ clock });
  const service = new MarketDataService({ clock, marketBus, eventBus, state, pipeline: new IndicatorPipeline() });
  const source = new ScriptedSource({ instruments, steps });
  const player = new MarketPlayer({ source, service, clock, speed: 'max', wallClock: new HandClock() });
  await player.prepare();
  const startedAt = process.hrtime.bigint();
  await player.run();
  console.log(`played on a simulated clock that waits for work in flight: ${perBar(startedAt).toFixed(1)} us`);
}
