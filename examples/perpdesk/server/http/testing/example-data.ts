import {
  type Account,
  type Candle,
  type ChatMessage,
  type Guidance,
  type Instrument,
  type InstrumentId,
  type MarketId,
  type Opinion,
  type Order,
  type Position,
  type PredictionDiscovery,
  type Proposal,
  type Protection,
  type Round,
  type Signal,
  type Ticker,
  type Timeframe,
  timeframeMs,
  timeframes,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import type { AgentRecord, Approval } from '@perpdesk/core/api';

/** 2026-01-05T12:00:00Z: a whole day, hour and minute of the example desk. */
export const exampleAtMs = 1_767_614_400_000;

/** Five markets whose prices differ by nine orders of magnitude. */
export const exampleMarkets: readonly { readonly market: MarketId; readonly price: number; readonly lot: string }[] = [
  { market: 'BTC-PERP', price: 118_250.4, lot: '0.00001' },
  { market: 'ETH-PERP', price: 3642.15, lot: '0.0001' },
  { market: 'SOL-PERP', price: 187.42, lot: '0.01' },
  { market: 'XRP-PERP', price: 2.9871, lot: '1' },
  { market: 'KPEPE-PERP', price: 0.012_34, lot: '1' },
];

export const exampleInstrument = ({ market, lot }: { market: MarketId; lot: string }, venue = 'hyperliquid') =>
  ({
    id: `${market}@${venue}`,
    market,
    venue,
    base: market.replace('-PERP', ''),
    quote: 'USDC',
    settle: 'USDC',
    contract: 'linear',
    contractSize: toSize('1'),
    priceRule: { kind: 'significant-figures', figures: 5, maxDecimals: 6 },
    lotSize: toSize(lot),
    minSize: toSize(lot),
    minNotional: toUsd('10'),
    marginTiers: [
      {
        notionalFrom: toUsd('0'),
        maxLeverage: 40,
        maintenanceMarginRate: toRate('0.0125'),
        maintenanceDeduction: toUsd('0'),
      },
    ],
    makerFeeRate: toRate('0.00015'),
    takerFeeRate: toRate('0.00045'),
    fundingIntervalMs: 3_600_000,
    status: 'trading',
  }) satisfies Instrument;

export const exampleTicker = (instrumentId: InstrumentId, last: number, atMs = exampleAtMs): Ticker => ({
  instrumentId,
  last,
  mark: last,
  index: last,
  bid: last * 0.9999,
  ask: last * 1.0001,
  exchangeAtMs: atMs,
  receivedAtMs: atMs,
});

/** 300 closed bars of each timeframe before `exampleAtMs`, a wave on a slope. */
export function exampleCandles(instrumentId: InstrumentId, price: number): Candle[] {
  return timeframes.flatMap((timeframe) =>
    Array.from({ length: 300 }, (_, index) => exampleBar(instrumentId, timeframe, price, index - 300)),
  );
}

function exampleBar(instrumentId: InstrumentId, timeframe: Timeframe, price: number, index: number): Candle {
  const at = (step: number): number =>
    price * (1 + 0.02 * Math.sin(step / 17) + 0.004 * Math.sin(step * 1.7) + step * 0.0001);
  const [open, close] = [at(index), at(index + 1)];
  return {
    instrumentId,
    timeframe,
    openAtMs: exampleAtMs + index * timeframeMs(timeframe),
    open,
    close,
    high: Math.max(open, close) * 1.001,
    low: Math.min(open, close) * 0.999,
    volume: 1000 + 800 * Math.abs(Math.sin(index / 5)),
  };
}

const sayings: Record<string, string> = {
  vanta:
    'The market is trending (expansion) and structure leans long: trend bias 0.62 over the timeframes, a break of structure four bars ago, RSI at 63.',
  luma: 'Derivatives lean long (moderate): open interest and price say new longs, funding is 0.38 bp per 8 h, 5m money flow is 0.24.',
  meridian: 'Macro is neutral: no release in the window, the last surprise has faded; liquidity is a mild tailwind.',
};

export const exampleOpinion = (agent: string, market: MarketId, score: number): Opinion => ({
  id: `opinion:${agent}:${market}:${exampleAtMs}`,
  agent,
  market,
  instrumentId: `${market}@hyperliquid`,
  timeframe: agent === 'luma' ? '5m' : '15m',
  atMs: exampleAtMs - 60_000,
  refreshMs: 900_000,
  direction: score >= 20 ? 'long' : score <= -20 ? 'short' : 'neutral',
  score,
  confidence: 0.5 + Math.abs(score) / 250,
  completeness: 1,
  source: 'rules',
  regime: 'trending',
  keyLevels: [],
  evidence: [{ feature: 'momentum.rsi', value: 63 }],
  reasoning: sayings[agent] ?? 'A view of my own.',
  details: { label: 'moderate', components: { flow: 25 } },
});

export const exampleRound = (market: MarketId, closeAtMs: number): Round => ({
  key: `${market}:15m:${closeAtMs}`,
  market,
  instrumentId: `${market}@hyperliquid`,
  timeframe: '15m',
  closeAtMs,
  mode: 'handoff',
});

export const examplePosition = (
  market: MarketId,
  entry: number,
  mark: number,
  size: string,
  direction: 'long' | 'short',
): Position & { readonly protection: Protection } => {
  const sign = direction === 'long' ? 1 : -1;
  const level = (share: number) => toPrice(Number((entry * (1 + sign * share)).toPrecision(5)));
  return {
    userId: 'demo',
    venue: 'paper',
    instrumentId: `${market}@hyperliquid`,
    direction,
    size: toSize(size),
    entryPrice: toPrice(entry),
    markPrice: toPrice(mark),
    leverage: 6,
    marginMode: 'isolated',
    margin: toUsd(((entry * Number(size)) / 6).toFixed(6)),
    unrealizedPnl: toUsd(((mark - entry) * sign * Number(size)).toFixed(6)),
    realizedPnl: toUsd('0'),
    liquidationPrice: level(-0.155),
    openedAtMs: exampleAtMs - 3_600_000,
    updatedAtMs: exampleAtMs,
    protection: {
      stopLoss: level(-0.018),
      stopSize: toSize(size),
      takeProfits: [
        { price: level(0.02), size: toSize(size) },
        { price: level(0.041), size: toSize(size) },
      ],
    },
  };
};

export const exampleAccount: Account = {
  userId: 'demo',
  venue: 'paper',
  asset: 'USDC',
  balance: toUsd('10112.4731'),
  equity: toUsd('10149.1204'),
  unrealizedPnl: toUsd('36.6473'),
  usedMargin: toUsd('812.22'),
  availableMargin: toUsd('9336.9004'),
  deposits: toUsd('10000'),
  realizedPnl: toUsd('128.401'),
  fees: toUsd('14.2279'),
  funding: toUsd('-1.7'),
  positionMode: 'one-way',
  atMs: exampleAtMs,
};

export const exampleOrder: Order = {
  clientOrderId: '45d6bc6b5a17e099461b0e1946726831',
  userId: 'demo',
  venue: 'paper',
  instrumentId: 'SOL-PERP@hyperliquid',
  side: 'buy',
  type: 'limit',
  size: toSize('4.4'),
  price: toPrice('185.2'),
  timeInForce: 'gtc',
  reduceOnly: false,
  purpose: 'entry',
  origin: 'agent',
  stopLoss: toPrice('181.5'),
  leverage: 6,
  marginMode: 'isolated',
  venueOrderId: 'paper:demo:o1',
  status: 'open',
  filledSize: toSize('0'),
  createdAtMs: exampleAtMs,
  updatedAtMs: exampleAtMs,
};

export const exampleSignal: Signal = {
  id: 'signal:recommendation:ETH-PERP:15m:1767613500000:demo',
  recommendationId: 'recommendation:ETH-PERP:15m:1767613500000',
  userId: 'demo',
  market: 'ETH-PERP',
  venue: 'paper',
  instrumentId: 'ETH-PERP@hyperliquid',
  direction: 'long',
  size: toSize('0.8236'),
  leverage: 6,
  marginMode: 'isolated',
  entry: toPrice('3642.1'),
  stopLoss: toPrice('3588.4'),
  takeProfits: [
    { price: toPrice('3720.5'), fraction: toRate('0.5') },
    { price: toPrice('3801'), fraction: toRate('0.5') },
  ],
  confidence: 0.7075,
  notional: toUsd('2999.63'),
  initialMargin: toUsd('499.94'),
  riskAtStop: toUsd('46.93'),
  reservationId: 'r1',
  isFirstTrade: false,
  createdAtMs: exampleAtMs,
  expiresAtMs: exampleAtMs + 900_000,
};

export const exampleGuidance: Guidance = {
  signalId: exampleSignal.id,
  userId: 'demo',
  style: 'ladder',
  legs: [
    { type: 'limit', price: toPrice('3642.1'), fraction: toRate('0.5') },
    { type: 'limit', price: toPrice('3635.4'), fraction: toRate('0.3') },
    { type: 'limit', price: toPrice('3628.7'), fraction: toRate('0.2') },
  ],
  slippage: toRate('0.0005'),
  expiresAfterMs: 900_000,
  notes: [
    'A ladder of three: half at the level, the rest on the way to the stop.',
    'The spread is 0.3 bp and depth is normal; slippage of 0.05 % is expected.',
    'What is not filled in 15 minutes is cancelled.',
  ],
  source: 'rules',
};

export const exampleApproval: Approval = {
  signal: exampleSignal,
  guidance: exampleGuidance,
  contentHash: 'a1b2c3d4'.repeat(8),
  expiresAtMs: 4_102_444_800_000,
};

/** What a chat proposed: closing a position. */
export const exampleProposal: Proposal = {
  id: `prop_${'a'.repeat(32)}`,
  userId: 'demo',
  conversationId: `chat_${'a'.repeat(32)}`,
  action: { kind: 'close-position', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', fraction: toRate('1') },
  contentHash: 'b1c2d3e4'.repeat(8),
  summary: 'Close all of the position in BTC-PERP@hyperliquid at paper.',
  createdAtMs: exampleAtMs,
  expiresAtMs: 4_102_444_800_000,
  status: 'waiting',
};

/** What the desk answered to a question. */
export const exampleAnswer: ChatMessage = {
  id: `msg_${'a'.repeat(32)}`,
  conversationId: exampleProposal.conversationId,
  userId: 'demo',
  role: 'assistant',
  agents: ['vanta'],
  text: 'Vanta sees BTC-PERP long with a score of 72 and confidence 79 %.',
  citations: [{ kind: 'opinion', id: 'opinion:vanta:BTC-PERP', atMs: exampleAtMs - 60_000 }],
  source: 'rules',
  atMs: exampleAtMs,
};

export const exampleRecords: AgentRecord[] = [
  {
    ...{ agent: 'vanta', scored: 412.4, skill: -0.031, hitRate: 0.514 },
    bySource: { rules: { scored: 412.4, skill: -0.031, hitRate: 0.514 } },
  },
];

/** A contract of a prediction market that stands out by an edge. */
export const examplePrediction = (
  rank: number,
  { question, mid, edge }: { readonly question: string; readonly mid: number; readonly edge: number },
): PredictionDiscovery => ({
  assessment: {
    id: `assessment:kalshi:EXAMPLE-${rank}:${exampleAtMs}`,
    contractId: `kalshi:EXAMPLE-${rank}`,
    venue: 'kalshi',
    atMs: exampleAtMs,
    closesAtMs: exampleAtMs + rank * 9 * 86_400_000,
    probability: mid + edge,
    mid,
    spread: 0.02,
    edge,
    noEdge: false,
    side: edge > 0 ? 'yes' : 'no',
    confidence: 0.64,
    inputs: { market: mid, baseRate: 0.5, baseCount: 31 },
    evidence: [{ feature: 'market.mid', value: mid }],
    source: 'rules',
    reasoning: 'Thirty-one of its kind were counted.',
  },
  slug: `EXAMPLE-${rank}`,
  question,
  cost: mid + 0.02,
  valuePerDay: 0.01,
  score: 0.005,
  rank,
});
