import {
  LocalMarketBus,
  MemoryEventBus,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  timeframeMs,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { IndicatorPipeline } from '../pipeline/indicator-pipeline.ts';
import { MarketState } from '../state/market-state.ts';
import { MarketDataService } from './market-data-service.ts';
import { MarketPlayer } from './market-player.ts';
import { exampleCandles, exampleInstrument } from './testing/example-market.ts';
import { ScriptedSource, stepsOf } from './testing/scripted-source.ts';

const instruments = ['BTC-PERP', 'ETH-PERP'].map((market) => exampleInstrument(market, 'hyperliquid'));
const fromMs = Date.UTC(2026, 0, 5, 8);

/** Plays two hours over the buses of core; a subscriber writes down what it sees of each closed bar. */
async function play() {
  const clock = new SimulatedClock();
  const marketBus = new LocalMarketBus({ clock });
  const eventBus = new MemoryEventBus({ clock, ids: new SortableIdGenerator({ clock, random: new SeededRandom(1) }) });
  const state = new MarketState({ clock });
  const service = new MarketDataService({ clock, marketBus, eventBus, state, pipeline: new IndicatorPipeline() });
  const steps = stepsOf(instruments.flatMap(({ id }) => exampleCandles(id, '1m', fromMs, 120)));
  const history = instruments.map(({ id }) => exampleCandles(id, '15m', fromMs - 100 * 900_000, 100));
  const source = new ScriptedSource({ instruments, history, steps });
  const player = new MarketPlayer({ source, service, clock, speed: 'max', wallClock: new SimulatedClock() });
  const seen: string[] = [];
  await player.prepare();
  eventBus.subscribe({ group: 'test', types: ['candle.closed'] }, async ({ id, atMs, payload }) => {
    await new Promise((resolve) => setImmediate(resolve));
    const { instrumentId, timeframe, openAtMs } = payload;
    const newest = state.candles(instrumentId, timeframe, 1)[0];
    const values = state.indicators(instrumentId, timeframe);
    const others = instruments.map((one) => state.candles(one.id, timeframe, 1)[0]?.openAtMs === openAtMs);
    const onTime = atMs === clock.nowMs() && openAtMs + timeframeMs(timeframe) === atMs;
    seen.push(`${id} ${newest === payload} ${values?.openAtMs === openAtMs} ${others} ${onTime}`);
  });
  await player.run();
  const journal = await eventBus.read({ limit: 10_000 });
  return { seen, journal, latest: marketBus.latest('candle.updated', `${instruments[0]?.id}:15m`) };
}

describe('MarketPlayer over the buses of core', () => {
  it('default: whoever hears of a closed bar finds it, its indicators and its neighbours of that close in the state', async () => {
    const { seen, latest } = await play();
    expect(seen.length).toBe(2 * (24 + 8 + 2));
    for (const line of seen) expect(line).toMatch(/ true true true,true true$/);
    expect(latest).toMatchObject({ timeframe: '15m', openAtMs: fromMs + 7 * 900_000 });
  });

  it('behavior: two runs leave the same journal to the byte', async () => {
    const [first, second] = [await play(), await play()];
    expect(JSON.stringify(second.journal)).toBe(JSON.stringify(first.journal));
    expect(second.seen).toStrictEqual(first.seen);
  });
});
