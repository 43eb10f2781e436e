import {
  type Candle,
  type Instrument,
  type InstrumentId,
  instrumentId,
  type MarketId,
  type Ticker,
  type Timeframe,
  timeframeMs,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';

/** An instrument as venues list them. */
export function exampleInstrument(market: MarketId, venue: string, changes: Partial<Instrument> = {}): Instrument {
  return {
    id: instrumentId(market, venue),
    market,
    venue,
    base: market.slice(0, market.indexOf('-')),
    quote: 'USD',
    settle: 'USDC',
    contract: 'linear',
    contractSize: toSize(1),
    priceRule: { kind: 'tick', tick: toPrice('0.1') },
    lotSize: toSize('0.001'),
    minSize: toSize('0.001'),
    minNotional: toUsd(10),
    marginTiers: [
      {
        notionalFrom: toUsd(0),
        maxLeverage: 20,
        maintenanceMarginRate: toRate('0.025'),
        maintenanceDeduction: toUsd(0),
      },
    ],
    makerFeeRate: toRate('0.0002'),
    takerFeeRate: toRate('0.0005'),
    fundingIntervalMs: 3_600_000,
    status: 'trading',
    ...changes,
  };
}

/** A bar that depends on nothing but its series and time. */
export function exampleCandle(id: InstrumentId, timeframe: Timeframe, openAtMs: number, price?: number): Candle {
  const bar = openAtMs / timeframeMs(timeframe);
  const open = price ?? 100 + 10 * Math.sin(bar / 7);
  const close = price ?? 100 + 10 * Math.sin((bar + 1) / 7);
  return {
    instrumentId: id,
    timeframe,
    openAtMs,
    open,
    high: Math.max(open, close) + 0.5,
    low: Math.min(open, close) - 0.5,
    close,
    volume: 10 + (bar % 5),
  };
}

/** `count` bars in a row. */
export const exampleCandles = (id: InstrumentId, timeframe: Timeframe, fromMs: number, count: number): Candle[] =>
  Array.from({ length: count }, (_, i) => exampleCandle(id, timeframe, fromMs + i * timeframeMs(timeframe)));

export const exampleTicker = (id: InstrumentId, atMs: number, last = 100): Ticker => ({
  instrumentId: id,
  last,
  mark: last,
  bid: last - 0.1,
  ask: last + 0.1,
  exchangeAtMs: atMs,
  receivedAtMs: atMs,
});
