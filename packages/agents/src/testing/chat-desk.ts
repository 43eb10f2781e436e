import {
  type ConcludedRound,
  type Opinion,
  type Order,
  type Position,
  type PredictionAssessment,
  type Protection,
  type Reading,
  type SharedDeskState,
  type Ticker,
  type TrackRecord,
  toPrice,
  toRate,
  toSize,
  toUsd,
  type User,
  type UserDeskState,
} from '@perpdesk/core';
import { startAtMs } from './market.ts';
import { exampleSignal } from './signal.ts';

/** What a desk knows at {@link startAtMs}, for tests of what is said about it. */
export interface ChatDesk {
  readonly tickers: Readonly<Record<string, Reading<Ticker>>>;
  readonly opinions: readonly Opinion[];
  readonly rounds: readonly ConcludedRound[];
  readonly records: Readonly<Record<string, TrackRecord>>;
  readonly discoveries: ReturnType<SharedDeskState['discoveries']>;
}

const markets = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP'];

export const exampleTicker = (market: string, mark: number): Reading<Ticker> => ({
  quality: 'fresh',
  atMs: startAtMs - 1_000,
  value: {
    instrumentId: `${market}@hyperliquid`,
    last: mark,
    mark,
    bid: mark - 1,
    ask: mark + 1,
    exchangeAtMs: startAtMs - 1_000,
    receivedAtMs: startAtMs - 1_000,
  },
});

/** Vanta's view of BTC five minutes ago: long with 0.65. */
export const exampleOpinion = (change: Partial<Opinion> = {}): Opinion => ({
  id: `opinion:${change.agent ?? 'vanta'}:BTC-PERP:${startAtMs - 300_000}`,
  agent: 'vanta',
  market: 'BTC-PERP',
  instrumentId: 'BTC-PERP@hyperliquid',
  timeframe: '15m',
  atMs: startAtMs - 300_000,
  refreshMs: 900_000,
  direction: 'long',
  score: 46,
  confidence: 0.65,
  completeness: 1,
  source: 'rules',
  regime: 'trending',
  keyLevels: [],
  evidence: [{ feature: 'momentum.rsi', value: 61.2 }],
  reasoning: 'The trend holds.',
  details: {},
  ...change,
});

/** A round on BTC that stood aside because Luma and Vanta disagree; Luma asked Meridian. */
export const exampleRound = (change: Partial<ConcludedRound> = {}): ConcludedRound => ({
  round: {
    key: `BTC-PERP:15m:${startAtMs - 900_000}`,
    market: 'BTC-PERP',
    instrumentId: 'BTC-PERP@hyperliquid',
    timeframe: '15m',
    closeAtMs: startAtMs - 900_000,
    mode: 'handoff',
  },
  outcome: 'stood-aside',
  reason: 'disagreement',
  consensus: {
    direction: 'long',
    base: 0.65,
    disagreement: 0.44,
    confidence: 0.507,
    missing: ['meridian'],
    stale: [],
    votes: [
      { agent: 'vanta', direction: 'long', confidence: 0.65, weight: 0.4, factor: 1 },
      { agent: 'luma', direction: 'short', confidence: 0.58, weight: 0.35, factor: 1 },
    ],
    standAside: 'disagreement',
  },
  turns: [
    {
      index: 0,
      agent: 'luma',
      direction: 'short',
      confidence: 0.58,
      keyLevels: [],
      reasoning: 'Funding is stretched.',
      evidence: [],
      source: 'rules',
      handoff: { to: 'meridian', kind: 'disagreement', reason: 'Ask the macro side.' },
    },
  ],
  ...change,
});

export const exampleAssessment = (change: Partial<PredictionAssessment> = {}): PredictionAssessment => ({
  id: `assessment:kalshi:KXFED-26DEC:${startAtMs - 60_000}`,
  contractId: 'kalshi:KXFED-26DEC',
  venue: 'kalshi',
  atMs: startAtMs - 60_000,
  closesAtMs: startAtMs + 86_400_000,
  probability: 0.41,
  mid: 0.36,
  spread: 0.02,
  edge: 0.05,
  noEdge: false,
  side: 'yes',
  confidence: 0.4,
  inputs: { market: 0.36 },
  evidence: [],
  source: 'rules',
  reasoning: 'Pooled.',
  ...change,
});

/** The shared state of a desk that follows BTC, ETH and SOL. */
export function exampleShared(change: Partial<ChatDesk> = {}): SharedDeskState {
  const desk: ChatDesk = {
    tickers: {
      'BTC-PERP': exampleTicker('BTC-PERP', 60_100),
      'ETH-PERP': exampleTicker('ETH-PERP', 3_000),
      'SOL-PERP': exampleTicker('SOL-PERP', 150),
    },
    opinions: [
      exampleOpinion(),
      exampleOpinion({
        agent: 'luma',
        direction: 'short',
        score: -31,
        confidence: 0.58,
        reasoning: 'Funding is stretched.',
        evidence: [{ feature: 'funding.rate', value: 0.0004 }],
      }),
    ],
    rounds: [exampleRound()],
    records: { vanta: { scored: 120, skill: 0.031, hitRate: 0.542 } },
    discoveries: [],
    ...change,
  };
  return {
    markets: () => markets,
    reference: (market) => (markets.includes(market) ? `${market}@hyperliquid` : undefined),
    ticker: (market) => desk.tickers[market],
    opinions: (market) => desk.opinions.filter((opinion) => opinion.market === market),
    rounds: (market, limit) => desk.rounds.filter(({ round }) => round.market === market).slice(0, limit),
    trackRecord: (agent) => desk.records[agent],
    discoveries: (limit) => desk.discoveries.slice(0, limit),
    assessment: () => undefined,
  };
}

export const exampleUser = (change: Partial<User> = {}): User => ({
  id: 'user-1',
  name: 'Ada',
  active: true,
  tier: 'intermediate',
  autonomy: 'suggest',
  bounds: { maxNotional: toUsd(1_000), minConfidence: 0.6, maxTradesPerDay: 5 },
  limits: { maxLeverage: 4, dailyLoss: toRate('0.1') },
  timeZone: 'UTC',
  venues: ['paper', 'hyperliquid'],
  entryPreference: 'ladder',
  aggression: 'balanced',
  pyramiding: false,
  flattenOnDailyLoss: false,
  ...change,
});

/** A long of 0.05 BTC on paper with its stop. */
export const examplePosition = (change: Partial<Position & { readonly protection: Protection }> = {}) => ({
  userId: 'user-1',
  venue: 'paper',
  instrumentId: 'BTC-PERP@hyperliquid' as const,
  direction: 'long' as const,
  size: toSize('0.05'),
  entryPrice: toPrice(59_000),
  markPrice: toPrice(60_100),
  leverage: 3,
  marginMode: 'isolated' as const,
  margin: toUsd('983.333'),
  unrealizedPnl: toUsd(55),
  realizedPnl: toUsd(0),
  openedAtMs: startAtMs - 3_600_000,
  updatedAtMs: startAtMs - 1_000,
  protection: { stopLoss: toPrice(58_000), stopSize: toSize('0.05'), takeProfits: [] },
  ...change,
});

export const exampleOrder = (change: Partial<Order> = {}): Order => ({
  clientOrderId: 'aaaaaaaa000000000000000000000001',
  userId: 'user-1',
  venue: 'paper',
  instrumentId: 'ETH-PERP@hyperliquid',
  side: 'buy',
  type: 'limit',
  size: toSize('1.5'),
  price: toPrice(2_900),
  timeInForce: 'gtc',
  reduceOnly: false,
  purpose: 'entry',
  origin: 'chat',
  status: 'open',
  filledSize: toSize(0),
  createdAtMs: startAtMs - 60_000,
  updatedAtMs: startAtMs - 60_000,
  ...change,
});

/** What user-1 has: a long of BTC, an entry order and its position's stop resting, a signal waiting. */
export const exampleMine = (change: Partial<UserDeskState> = {}): UserDeskState => ({
  user: exampleUser(),
  tradingState: 'active',
  accounts: [
    {
      userId: 'user-1',
      venue: 'paper',
      asset: 'USDC',
      balance: toUsd(10_000),
      equity: toUsd('10055'),
      unrealizedPnl: toUsd(55),
      usedMargin: toUsd('983.333'),
      availableMargin: toUsd('9071.667'),
      deposits: toUsd(10_000),
      realizedPnl: toUsd(0),
      fees: toUsd('1.3'),
      funding: toUsd('-0.2'),
      positionMode: 'one-way',
      atMs: startAtMs - 1_000,
    },
  ],
  positions: [examplePosition()],
  openOrders: [
    exampleOrder(),
    exampleOrder({
      clientOrderId: 'bbbbbbbb000000000000000000000002',
      instrumentId: 'BTC-PERP@hyperliquid',
      side: 'sell',
      type: 'stop-market',
      size: toSize('0.05'),
      triggerPrice: toPrice(58_000),
      reduceOnly: true,
      purpose: 'stop-loss',
      origin: 'agent',
    }),
  ],
  pending: [{ signal: exampleSignal(), expiresAtMs: startAtMs + 600_000 }],
  ...change,
});
