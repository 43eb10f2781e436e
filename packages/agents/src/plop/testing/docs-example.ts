import { Plop, PlopCalibration, PlopScorer, PlopService, SqlPlopStore } from '@perpdesk/agents';
import {
  MemoryEventBus,
  type PredictionSource,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
} from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';

// A prediction market of one contract, by hand. `KalshiSource` and `PolymarketSource` of @perpdesk/data are the real ones.
const clock = new SimulatedClock({ startAtMs: Date.UTC(2026, 10, 26) });
const moment = { exchangeAtMs: clock.nowMs(), receivedAtMs: clock.nowMs() };
const contract = {
  id: 'kalshi:KXRAIN-26DEC06-T1',
  venue: 'kalshi',
  slug: 'KXRAIN-26DEC06-T1',
  question: 'Will it rain on Sunday?',
  closesAtMs: Date.UTC(2026, 11, 6),
} as const;
const market: PredictionSource = {
  venue: 'kalshi',
  search: async () => ({ contracts: [contract], refused: 0 }),
  resolve: async () => contract,
  fetchBook: async () => ({ contractId: contract.id, bids: [[0.39, 9_000]], asks: [[0.41, 8_000]], ...moment }),
  fetchTrades: async () => [],
  watch: () => () => {},
  close: async () => {},
};

const sources = [market];
const database = await openDatabase({ url: 'sqlite::memory:' });
const eventBus = new MemoryEventBus({
  clock,
  ids: new SortableIdGenerator({ clock, random: new SeededRandom('plop') }),
});
const store = new SqlPlopStore({ database });
const calibration = new PlopCalibration({ store });
const plop = new Plop({ sources, clock, calibration });
const service = new PlopService({ plop, sources, clock, eventBus });
const scorer = new PlopScorer({ store, calibration, sources, clock, eventBus });
await scorer.start();
await service.start();

const answer = await service.answer('What do you make of KXRAIN-26DEC06-T1?');
if (answer.outcome === 'assessed') console.log(answer.assessment.reasoning);
const refused = await service.answer('What do you make of it?');
if (refused.outcome === 'refused') console.log(refused.refusal.code, refused.refusal.message);

await service.stop();
await scorer.stop();
await database.close();
