import {
  type Account,
  type Instrument,
  type Recommendation,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  StaticUserDirectory,
  type Ticker,
  toPrice,
  toRate,
  toSize,
  toUsd,
  type User,
} from '@perpdesk/core';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { StaticMarketView } from '@perpdesk/core/testing';
import { Brix, MemoryRiskStateStore, MemoryTradingSwitch } from '@perpdesk/risk';

const nowMs = Date.UTC(2026, 0, 5, 12);
const clock = new SimulatedClock({ startAtMs: nowMs });
const moments = { exchangeAtMs: nowMs, receivedAtMs: nowMs };
const [id, market] = ['BTC-PERP@hyperliquid', 'BTC-PERP'] as const;
const btc: Instrument = {
  ...{
    id,
    market,
    venue: 'hyperliquid',
    base: 'BTC',
    quote: 'USDC',
    settle: 'USDC',
    contract: 'linear',
    status: 'trading',
  },
  ...{ contractSize: toSize(1), priceRule: { kind: 'tick', tick: toPrice('0.1') }, lotSize: toSize('0.00001') },
  ...{
    minSize: toSize('0.00001'),
    minNotional: toUsd(10),
    makerFeeRate: toRate('0.0002'),
    takerFeeRate: toRate('0.0005'),
  },
  fundingIntervalMs: 3_600_000,
  marginTiers: [
    {
      notionalFrom: toUsd(0),
      maxLeverage: 40,
      maintenanceMarginRate: toRate('0.0125'),
      maintenanceDeduction: toUsd(0),
    },
  ],
};
const ticker: Ticker = { instrumentId: id, last: 60_000, mark: 60_000, bid: 59_999, ask: 60_001, ...moments };
const ada: User = {
  ...{
    id: 'ada',
    name: 'Ada',
    active: true,
    tier: 'beginner',
    autonomy: 'suggest',
    limits: {},
    timeZone: 'UTC',
    venues: [],
  },
  ...{ entryPreference: 'ladder', aggression: 'balanced', pyramiding: false, flattenOnDailyLoss: false },
  bounds: { maxNotional: toUsd(5_000), minConfidence: 0.6, maxTradesPerDay: 5 },
};
const tenThousand = {
  balance: toUsd(10_000),
  equity: toUsd(10_000),
  availableMargin: toUsd(10_000),
  deposits: toUsd(10_000),
};
const nothing = {
  unrealizedPnl: toUsd(0),
  usedMargin: toUsd(0),
  realizedPnl: toUsd(0),
  fees: toUsd(0),
  funding: toUsd(0),
};
const account: Account = {
  userId: 'ada',
  venue: 'paper',
  asset: 'USDC',
  ...tenThousand,
  ...nothing,
  positionMode: 'one-way',
  atMs: nowMs,
};

const brix = new Brix({
  clock,
  users: new StaticUserDirectory({ users: [ada] }),
  accounts: {
    account: () => ({ quality: 'fresh', value: account, atMs: nowMs }),
    positions: () => [],
    openOrders: () => [],
    filledTrades: () => 0,
    dayOpenEquity: () => toUsd(10_000),
  },
  marketView: new StaticMarketView({ clock, instruments: [btc], tickers: [ticker] }),
  venues: (name) => ({
    name,
    capabilities: { kind: 'paper', marginModes: ['isolated'] },
    instruments: () => [btc],
    unhealthy: () => undefined,
  }),
  authority: new HmacApprovalAuthority({ clock, ids: new SortableIdGenerator({ clock, random: new SeededRandom(1) }) }),
  tradingSwitch: new MemoryTradingSwitch(),
  store: new MemoryRiskStateStore(),
});

const recommendation: Recommendation = {
  ...{ id: 'recommendation:BTC-PERP:15m:1', roundKey: 'BTC-PERP:15m:1', market, instrumentId: id, timeframe: '15m' },
  ...{ direction: 'long', entry: toPrice(60_000), stopLoss: toPrice(59_400), confidence: 0.7, archetype: 'momentum' },
  ...{ takeProfits: [{ price: toPrice(61_200), fraction: toRate(1) }], scaling: 'fixed', atr: 300, atrMedian: 300 },
  ...{ reasoning: 'A trend.', contributors: [], createdAtMs: nowMs, expiresAtMs: nowMs + 900_000 },
};
const [decision] = await brix.filter(recommendation);
for (const { step, after } of decision?.steps ?? []) console.log(step, JSON.stringify(after));
if (decision?.outcome === 'signal') console.log(`${decision.signal.size} BTC at ${decision.signal.leverage}×`);
