import { composeAnswer, routeQuestion } from '@perpdesk/agents';
import { type SharedDeskState, SimulatedClock, toUsd, type UserDeskState } from '@perpdesk/core';

// What a desk knows, by hand. A desk that runs gives a `DeskStateView`.
const clock = new SimulatedClock({ startAtMs: Date.UTC(2026, 10, 26, 14) });
const moment = { exchangeAtMs: clock.nowMs(), receivedAtMs: clock.nowMs() };
const price = { instrumentId: 'BTC-PERP@hyperliquid', last: 60_000, mark: 60_000, bid: 59_999, ask: 60_001 } as const;
const shared: SharedDeskState = {
  markets: () => ['BTC-PERP'],
  reference: () => 'BTC-PERP@hyperliquid',
  ticker: () => ({ quality: 'fresh', value: { ...price, ...moment }, atMs: clock.nowMs() }),
  opinions: () => [],
  rounds: () => [],
  trackRecord: () => undefined,
  discoveries: () => [],
  assessment: () => undefined,
};
const mine: UserDeskState = {
  user: {
    id: 'ada',
    name: 'Ada',
    active: true,
    tier: 'beginner',
    autonomy: 'suggest',
    bounds: { maxNotional: toUsd(1_000), minConfidence: 0.6, maxTradesPerDay: 5 },
    limits: {},
    timeZone: 'UTC',
    venues: ['paper'],
    entryPreference: 'ladder',
    aggression: 'balanced',
    pyramiding: false,
    flattenOnDailyLoss: false,
  },
  tradingState: 'active',
  accounts: [],
  positions: [],
  openOrders: [],
  pending: [],
};

for (const question of ['price of BTC', 'buy 0.1 BTC at 59500', 'buy 0.1 BTC at 59500 stop 59000', "Bob's positions"]) {
  const route = await routeQuestion(question, { markets: shared.markets() });
  const { text, draft } = await composeAnswer({ question, route, shared, mine, clock });
  console.log(`> ${question}\n${text}${draft === undefined ? '' : ` [${draft.kind}]`}`);
}
