import {
  AgentService,
  DecisionRecorder,
  explainDecision,
  FeatureAgent,
  MemoryDecisionJournal,
  replayDecision,
} from '@perpdesk/agents';
import {
  type Instrument,
  MemoryEventBus,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';

const clock = new SimulatedClock({ startAtMs: Date.UTC(2026, 10, 26, 12) });
const eventBus = new MemoryEventBus({
  clock,
  ids: new SortableIdGenerator({ clock, random: new SeededRandom('docs') }),
});
// The market by hand; a desk has `MarketState` of @perpdesk/data.
const btc: Instrument = {
  ...{
    id: 'BTC-PERP@hyperliquid',
    market: 'BTC-PERP',
    venue: 'hyperliquid',
    base: 'BTC',
    quote: 'USDC',
    settle: 'USDC',
  },
  ...{ contract: 'linear', contractSize: toSize(1), priceRule: { kind: 'tick', tick: toPrice(1) }, status: 'trading' },
  ...{ lotSize: toSize('0.001'), minSize: toSize('0.001'), minNotional: toUsd(10), marginTiers: [] },
  ...{ makerFeeRate: toRate('0.00015'), takerFeeRate: toRate('0.00045'), fundingIntervalMs: 3_600_000 },
};
const marketView = new StaticMarketView({ clock, instruments: [btc] });

let rsi = 71.4;
const agent = new FeatureAgent({
  name: 'reversal',
  weight: 0.2,
  timeframe: '15m',
  clock,
  components: ['exhaustion'],
  read: () => ({ features: { rsi } }),
  judge: (features) => ({ components: { exhaustion: 50 - (features.rsi ?? 50) } }),
});

const journal = new MemoryDecisionJournal();
const recorder = new DecisionRecorder({ journal, clock });
const service = new AgentService({ agent, marketView, eventBus, clock, journal: recorder });
await service.start();
const bar = { open: 60_000, high: 60_500, low: 59_900, close: 60_400, volume: 12 };
const { traceId } = await eventBus.publish({
  type: 'candle.closed',
  key: 'BTC-PERP@hyperliquid:15m',
  payload: { instrumentId: btc.id, timeframe: '15m', openAtMs: clock.nowMs() - 900_000, ...bar },
});
await clock.idle();
await service.stop();

console.log((await explainDecision({ traceId, eventBus, journal })).text);

// The market has moved on; the decision is made again from what it was made of.
rsi = 30;
const replay = await replayDecision({ traceId, eventBus, journal, agents: [agent] });
console.log(`same: ${replay.same}, differences: ${replay.differences.length}, missing: ${replay.missing.length}`);
