// A bot of your own around a feed, indicators, one agent, the risk gate and a paper venue. No key, no network, no server.
import { Vanta } from '@perpdesk/agents';
import * as core from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { deriveClientOrderId, HmacApprovalAuthority } from '@perpdesk/core/security';
import { IndicatorPipeline, MarketDataService, MarketPlayer, MarketSimulator, MarketState } from '@perpdesk/data';
import { PaperVenue, Portfolio, VenueDirectory } from '@perpdesk/execution';
import { Brix, MemoryRiskStateStore, MemoryTradingSwitch } from '@perpdesk/risk';
import { trader } from './trader.ts';

const [market, instrumentId] = ['SOL-PERP', 'SOL-PERP@hyperliquid'] as const;
const [clock, wallClock] = [new core.SimulatedClock(), new core.SystemClock()];
const ids = new core.SortableIdGenerator({ clock, random: new core.SeededRandom('bot') });
const [marketBus, eventBus] = [new core.LocalMarketBus({ clock }), new core.MemoryEventBus({ clock, ids })];

// Feed, candles, indicators. Put a ReplaySource or a feed of your own in the simulator's place.
const marketView = new MarketState({ clock });
const candles = { clock, marketBus, eventBus, state: marketView, pipeline: new IndicatorPipeline() };
const service = new MarketDataService(candles);
const source = new MarketSimulator({ seed: 'bot', markets: [market], venues: ['hyperliquid'], backfillDays: 10 });
const player = new MarketPlayer({ source, service, clock, wallClock, speed: 'max', toMs: Date.UTC(2026, 0, 5, 12) });

// The gate, and the venue, which takes nothing that the gate has not signed.
const authority = new HmacApprovalAuthority({ clock, ids });
const database = await openDatabase({ url: 'sqlite::memory:' });
const paper = new PaperVenue({ clock, database, marketBus, marketView, verifier: authority.verifier() });
const [users, venues] = [new core.StaticUserDirectory({ users: [trader] }), new VenueDirectory([paper])];
const accounts = new Portfolio({ users, venues, marketView, eventBus, database, clock });
const memory = { tradingSwitch: new MemoryTradingSwitch(), store: new MemoryRiskStateStore() };
const brix = new Brix({ clock, users, accounts, marketView, authority, venues: (name) => venues.get(name), ...memory });

async function send(cause: string, leg: Pick<core.OrderIntent, 'side' | 'type' | 'size' | 'triggerPrice' | 'purpose'>) {
  const clientOrderId = deriveClientOrderId(cause, leg.purpose);
  const terms = { timeInForce: 'gtc', reduceOnly: leg.purpose !== 'entry', origin: 'api', leverage: 2 } as const;
  const order = { ...leg, ...terms, clientOrderId, userId: trader.id, venue: paper.name, instrumentId };
  const decision = await brix.authorize(order);
  if (decision.outcome === 'rejected') return console.log(leg.purpose, 'refused:', decision.rejection.message);
  console.log(leg.purpose, leg.side, leg.size, leg.triggerPrice ?? '', (await paper.place(decision.order)).outcome);
}

const vanta = new Vanta({ marketView, clock });
eventBus.subscribe({ group: 'entries', types: ['candle.closed'] }, async ({ id, payload: candle }) => {
  if (candle.timeframe !== '15m' || accounts.positions(trader.id).length > 0) return;
  const opinion = await vanta.opine({ market, instrumentId, atMs: clock.nowMs(), deadlineMs: 5_000 });
  if (opinion === undefined || opinion.direction === 'neutral' || opinion.confidence < 0.6) return;
  console.log('Vanta:', opinion.direction, opinion.confidence, opinion.reasoning);
  const size = core.sizeFromNumber(core.toSize('0.01'), 1_000 / candle.close);
  await send(id, { side: opinion.direction === 'long' ? 'buy' : 'sell', type: 'market', size, purpose: 'entry' });
});
eventBus.subscribe({ group: 'stops', types: ['position.opened'] }, async ({ id, payload: position }) => {
  const [side, distance] = position.direction === 'long' ? (['sell', '0.99'] as const) : (['buy', '1.01'] as const);
  const triggerPrice = core.toPrice(core.decimal(position.entryPrice).times(distance).toDecimalPlaces(2));
  await send(id, { side, type: 'stop-market', size: position.size, triggerPrice, purpose: 'stop-loss' });
});

await player.prepare();
for (const part of [paper, accounts]) await part.start();
await player.run();
console.log('equity after twelve hours:', accounts.account(trader.id, paper.name)?.value.equity, 'USDC');
