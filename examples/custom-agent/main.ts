// A fourth agent at the table: it debates, votes with its weight and is scored like ours. No key, no network, no server.
import { AgentService, Luma, Vanta, WarRoom, WarRoomService } from '@perpdesk/agents';
import {
  LocalMarketBus,
  MemoryEventBus,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  SystemClock,
} from '@perpdesk/core';
import { IndicatorPipeline, MarketDataService, MarketPlayer, MarketSimulator, MarketState } from '@perpdesk/data';
import { crowd } from './crowd.ts';

const clock = new SimulatedClock();
const ids = new SortableIdGenerator({ clock, random: new SeededRandom('custom-agent') });
const [marketBus, eventBus] = [new LocalMarketBus({ clock }), new MemoryEventBus({ clock, ids })];
const marketView = new MarketState({ clock });
const data = new MarketDataService({
  clock,
  marketBus,
  eventBus,
  state: marketView,
  pipeline: new IndicatorPipeline(),
});
const source = new MarketSimulator({ seed: 'crowd', markets: ['BTC-PERP'], backfillDays: 10 });
const player = new MarketPlayer({
  ...{ source, service: data, clock, wallClock: new SystemClock(), speed: 'max' },
  toMs: Date.UTC(2026, 0, 6),
});

const agents = [
  new Vanta({ marketView, clock }),
  new Luma({ marketView, derivativesView: marketView, clock }),
  crowd({ derivatives: marketView, clock }),
];
const services = [
  new WarRoomService({ warRoom: new WarRoom({ agents, marketView }), eventBus, marketView, clock }),
  ...agents.map((agent) => new AgentService({ agent, marketView, eventBus, clock })),
];

let [rounds, votes] = [0, 0];
eventBus.subscribe({ group: 'tally', types: ['round.concluded'] }, ({ payload: { consensus, outcome, round } }) => {
  rounds += 1;
  const vote = consensus?.votes.find(({ agent }) => agent === 'crowd');
  if (vote === undefined || vote.direction === 'neutral') return;
  votes += 1;
  if (outcome === 'stood-aside') return;
  const time = new Date(round.closeAtMs).toISOString().slice(11, 16);
  console.log(time, 'recommended with crowd', vote.direction, vote.confidence.toFixed(3), 'at weight', vote.weight);
});

await player.prepare();
for (const service of services) await service.start();
await player.run();
for (const service of services.reverse()) await service.stop();
console.log(`${votes} votes of crowd in ${rounds} rounds`);
