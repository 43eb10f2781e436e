import {
  type Account,
  type Instrument,
  type InstrumentId,
  marketOf,
  type OrderBookSnapshot,
  type OrderIntent,
  orderIntentSchema,
  type Reading,
  type Recommendation,
  type Ticker,
  type Tier,
  toPrice,
  toRate,
  toSize,
  toUsd,
  type User,
  venueOf,
} from '@perpdesk/core';
import type { HeldPosition } from '../exposure/held-position.ts';
import type { EntryInput } from '../order/order-input.ts';
import { orderLimitDefaults } from '../order/order-limits.ts';
import type { RecommendationInput, VenueCandidate } from '../recommendation/recommendation-input.ts';
import type { PendingEntry } from '../state/pending-entry.ts';
import { emptyMemory } from '../state/risk-memory.ts';
import { limitsFor } from '../tiers/limits-for.ts';

/** 2026-01-05 12:00 UTC. */
export const noonMs = Date.UTC(2026, 0, 5, 12);

export const fresh = <T>(value: T, atMs = noonMs): Reading<T> => ({ quality: 'fresh', value, atMs });
export const stale = <T>(value: T, atMs = noonMs): Reading<T> => ({ quality: 'stale', value, atMs, ageMs: 60_000 });

export function anInstrument(overrides: Partial<Instrument> = {}): Instrument {
  const id = overrides.id ?? 'BTC-PERP@hyperliquid';
  return {
    id,
    market: marketOf(id),
    venue: venueOf(id),
    base: 'BTC',
    quote: 'USDC',
    settle: 'USDC',
    contract: 'linear',
    contractSize: toSize(1),
    priceRule: { kind: 'tick', tick: toPrice('0.1') },
    lotSize: toSize('0.00001'),
    minSize: toSize('0.00001'),
    minNotional: toUsd(10),
    marginTiers: [
      {
        notionalFrom: toUsd(0),
        maxLeverage: 40,
        maintenanceMarginRate: toRate('0.0125'),
        maintenanceDeduction: toUsd(0),
      },
    ],
    makerFeeRate: toRate('0.0002'),
    takerFeeRate: toRate('0.0005'),
    fundingIntervalMs: 3_600_000,
    status: 'trading',
    ...overrides,
  };
}

export function aTicker(id: InstrumentId, mid: number, overrides: Partial<Ticker> = {}): Ticker {
  return {
    instrumentId: id,
    last: mid,
    mark: mid,
    bid: mid,
    ask: mid,
    exchangeAtMs: noonMs,
    receivedAtMs: noonMs,
    ...overrides,
  };
}

export function aUser(overrides: Partial<User> = {}): User {
  return {
    id: 'ada',
    name: 'Ada',
    active: true,
    tier: 'beginner',
    autonomy: 'full-auto',
    bounds: { maxNotional: toUsd(100_000), minConfidence: 0.6, maxTradesPerDay: 100 },
    limits: {},
    timeZone: 'UTC',
    venues: [],
    entryPreference: 'ladder',
    aggression: 'balanced',
    pyramiding: false,
    flattenOnDailyLoss: false,
    ...overrides,
  };
}

export function anAccount(equity: number | string, overrides: Partial<Account> = {}): Account {
  return {
    userId: 'ada',
    venue: 'paper',
    asset: 'USDC',
    balance: toUsd(equity),
    equity: toUsd(equity),
    unrealizedPnl: toUsd(0),
    usedMargin: toUsd(0),
    availableMargin: toUsd(equity),
    deposits: toUsd(equity),
    realizedPnl: toUsd(0),
    fees: toUsd(0),
    funding: toUsd(0),
    positionMode: 'one-way',
    atMs: noonMs,
    ...overrides,
  };
}

export function aPosition(overrides: Partial<HeldPosition> = {}): HeldPosition {
  return {
    userId: 'ada',
    venue: 'paper',
    instrumentId: 'ETH-PERP@hyperliquid',
    direction: 'long',
    size: toSize(1),
    entryPrice: toPrice(3000),
    markPrice: toPrice(3000),
    leverage: 3,
    marginMode: 'isolated',
    margin: toUsd(1000),
    unrealizedPnl: toUsd(0),
    realizedPnl: toUsd(0),
    openedAtMs: noonMs,
    updatedAtMs: noonMs,
    protection: { stopLoss: toPrice(2900), stopSize: toSize(1), takeProfits: [] },
    ...overrides,
  };
}

export function aRecommendation(overrides: Partial<Recommendation> = {}): Recommendation {
  return {
    id: 'recommendation:BTC-PERP:15m:1',
    roundKey: 'BTC-PERP:15m:1',
    market: 'BTC-PERP',
    instrumentId: 'BTC-PERP@hyperliquid',
    timeframe: '15m',
    direction: 'long',
    entry: toPrice(60_000),
    stopLoss: toPrice(59_400),
    takeProfits: [{ price: toPrice(61_200), fraction: toRate(1) }],
    confidence: 1,
    archetype: 'momentum',
    scaling: 'fixed',
    atr: 300,
    atrMedian: 300,
    reasoning: 'Because.',
    contributors: [],
    createdAtMs: noonMs,
    expiresAtMs: noonMs + 900_000,
    ...overrides,
  };
}

/** A reservation of a signal. */
export function aPending(
  overrides: Partial<PendingEntry['reservation']> & Partial<Omit<PendingEntry, 'reservation'>> = {},
): PendingEntry {
  const { size, remaining, leverage, baseline, legs, stopLoss, ...reservation } = overrides;
  return {
    reservation: {
      id: 'reservation:signal:1',
      userId: 'ada',
      signalId: 'signal:1',
      venue: 'paper',
      instrumentId: 'SOL-PERP@hyperliquid',
      direction: 'long',
      initialMargin: toUsd(500),
      fees: toUsd(2),
      notional: toUsd(1500),
      riskAtStop: toUsd(50),
      expiresAtMs: noonMs + 900_000,
      ...reservation,
    },
    size: size ?? toSize(10),
    remaining: remaining ?? size ?? toSize(10),
    leverage: leverage ?? 3,
    baseline: baseline ?? toSize(0),
    legs: legs ?? [],
    ...(stopLoss === undefined ? {} : { stopLoss }),
  };
}

/** Paper with one instrument, everything fresh, one trade done before, nothing held: what a test says differs from that. */
export function aRecommendationInput(
  overrides: Partial<RecommendationInput> & {
    readonly equity?: number | string;
    readonly tier?: Tier;
    readonly listed?: Instrument;
    readonly mid?: number;
    readonly venue?: Partial<VenueCandidate>;
  } = {},
): RecommendationInput {
  const { equity = 10_000, tier = 'beginner', listed = anInstrument(), mid, venue, ...rest } = overrides;
  const user = rest.user ?? aUser({ tier });
  const recommendation = rest.recommendation ?? aRecommendation();
  const ticker = fresh(aTicker(listed.id, mid ?? Number(recommendation.entry)));
  const candidate: VenueCandidate = {
    name: 'paper',
    kind: 'paper',
    marginModes: ['isolated', 'cross'],
    unhealthy: undefined,
    listings: [{ instrument: listed, ticker }],
    account: fresh(anAccount(equity)),
    dayOpenEquity: undefined,
    filledTrades: 1,
    ...venue,
  };
  return {
    recommendation,
    user,
    limits: limitsFor(user),
    atMs: noonMs,
    tradingState: 'active',
    auditWritable: true,
    leased: true,
    referenceTicker: ticker,
    candidates: [candidate],
    positions: [],
    openOrders: [],
    pending: [],
    memory: emptyMemory,
    opinions: [],
    operator: { usedNotional: toUsd(0) },
    instrument: (_, id) => (id === listed.id ? listed : undefined),
    ...rest,
  };
}

/** A manual limit buy of 0.02 BTC at 60,000 with a stop at 59,400 and 3×. */
export function anIntent(overrides: Record<string, unknown> = {}): OrderIntent {
  const intent = {
    clientOrderId: '0'.repeat(32),
    userId: 'ada',
    venue: 'paper',
    instrumentId: 'BTC-PERP@hyperliquid',
    side: 'buy',
    type: 'limit',
    size: '0.02',
    price: '60000',
    timeInForce: 'gtc',
    reduceOnly: false,
    purpose: 'entry',
    origin: 'manual',
    stopLoss: '59400',
    leverage: 3,
    ...overrides,
  };
  return orderIntentSchema.parse(
    Object.fromEntries(Object.entries(intent).filter(([, member]) => member !== undefined)),
  );
}

export const anOrderBook = (overrides: Partial<OrderBookSnapshot> = {}): OrderBookSnapshot => ({
  instrumentId: 'BTC-PERP@hyperliquid',
  bids: [[59_990, 1]],
  asks: [[60_010, 1]],
  exchangeAtMs: noonMs,
  receivedAtMs: noonMs,
  ...overrides,
});

/** The intent above on a paper account of 10,000 where everything is in order. */
export function anEntryInput(
  overrides: Partial<EntryInput> & { readonly equity?: number; readonly tier?: Tier } = {},
): EntryInput {
  const { equity = 10_000, tier = 'beginner', ...rest } = overrides;
  const user = rest.user ?? aUser({ tier });
  const instrument = anInstrument();
  return {
    intent: anIntent(),
    atMs: noonMs,
    positions: [],
    orderLimits: orderLimitDefaults,
    exitMessages: 0,
    tradingState: 'active',
    auditWritable: true,
    leased: true,
    user,
    limits: limitsFor(user),
    venue: { name: 'paper', kind: 'paper', marginModes: ['isolated', 'cross'], unhealthy: undefined },
    instrument,
    permitted: true,
    ticker: fresh(aTicker(instrument.id, 60_000)),
    referenceTicker: undefined,
    book: undefined,
    account: fresh(anAccount(equity)),
    dayOpenEquity: undefined,
    filledTrades: 1,
    openOrders: [],
    pending: [],
    memory: emptyMemory,
    operator: { usedNotional: toUsd(0) },
    lookup: (_, id) => (id === instrument.id ? instrument : undefined),
    entryMessages: 0,
    duplicateOf: undefined,
    ...rest,
  };
}
