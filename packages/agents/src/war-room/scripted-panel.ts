import {
  type Candle,
  type Direction,
  type Instrument,
  type Opinion,
  type Round,
  roundKey,
  type SensingAgent,
  SimulatedClock,
  type Ticker,
  type Turn,
  timeframeMs,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';

// A panel and a market for the tests of this folder.

export const instrument: Instrument = {
  id: 'BTC-PERP@hyperliquid',
  market: 'BTC-PERP',
  venue: 'hyperliquid',
  base: 'BTC',
  quote: 'USDC',
  settle: 'USDC',
  contract: 'linear',
  contractSize: toSize(1),
  priceRule: { kind: 'tick', tick: toPrice('0.5') },
  lotSize: toSize('0.001'),
  minSize: toSize('0.001'),
  minNotional: toUsd(10),
  marginTiers: [
    {
      notionalFrom: toUsd(0),
      maxLeverage: 40,
      maintenanceMarginRate: toRate('0.0125'),
      maintenanceDeduction: toUsd(0),
    },
  ],
  makerFeeRate: toRate('0.00015'),
  takerFeeRate: toRate('0.00045'),
  fundingIntervalMs: 3_600_000,
  status: 'trading',
};

const barMs = timeframeMs('15m');
/** The close that the tests' rounds are held on. */
export const closeAtMs = 200 * barMs;

/** A market that has closed `bars` bars of 15m, each with a range of 100 around 60,000. */
export function market({
  bars = 120,
  clock = new SimulatedClock({ startAtMs: closeAtMs }),
  tickerAgeMs = 0,
} = {}): StaticMarketView {
  const candles = Array.from({ length: bars }, (_, index): Candle => {
    const openAtMs = closeAtMs - (bars - index) * barMs;
    return {
      instrumentId: instrument.id,
      timeframe: '15m',
      openAtMs,
      open: 60_000,
      high: 60_050,
      low: 59_950,
      close: 60_000,
      volume: 10,
    };
  });
  const atMs = closeAtMs - tickerAgeMs;
  const ticker: Ticker = {
    instrumentId: instrument.id,
    last: 60_000,
    mark: 60_000,
    bid: 59_999.5,
    ask: 60_000.5,
    exchangeAtMs: atMs,
    receivedAtMs: atMs,
  };
  return new StaticMarketView({ clock, instruments: [instrument], candles, tickers: [ticker] });
}

export const round: Round = {
  key: roundKey('BTC-PERP', '15m', closeAtMs),
  market: 'BTC-PERP',
  instrumentId: instrument.id,
  timeframe: '15m',
  closeAtMs,
  mode: 'handoff',
};

export const opinion = (agent: string, direction: Direction, confidence: number, ageMs = 0): Opinion => ({
  id: `opinion:${agent}:BTC-PERP:${closeAtMs - ageMs}`,
  agent,
  market: 'BTC-PERP',
  instrumentId: instrument.id,
  timeframe: '15m',
  atMs: closeAtMs - ageMs,
  refreshMs: barMs,
  direction,
  score: direction === 'neutral' ? 0 : direction === 'long' ? 60 : -60,
  confidence,
  completeness: 1,
  source: 'rules',
  keyLevels: [],
  evidence: [],
  reasoning: `${agent} is ${direction}.`,
  details: {},
});

const weights: Record<string, number> = { vanta: 0.4, luma: 0.35, meridian: 0.25 };

/** An agent that answers in a debate by `debate`, by default its opinion again. */
export const agent = (name: string, debate?: SensingAgent['debate']): SensingAgent => ({
  name,
  weight: weights[name] ?? 0.2,
  triggers: [{ kind: 'candle-close', timeframe: '15m' }],
  refreshMs: barMs,
  opine: async () => undefined,
  debate: debate ?? (async ({ opinion: own, transcript }) => turnOf(own, transcript.length)),
});

export const turnOf = (own: Opinion, index: number, changes: Partial<Turn> = {}): Turn => ({
  index,
  agent: own.agent,
  direction: own.direction,
  confidence: own.confidence,
  keyLevels: own.keyLevels,
  reasoning: own.reasoning,
  evidence: own.evidence,
  source: own.source,
  ...changes,
});

/** Opinions by agent. */
export const said = (...opinions: readonly Opinion[]): Map<string, Opinion> =>
  new Map(opinions.map((each) => [each.agent, each]));
