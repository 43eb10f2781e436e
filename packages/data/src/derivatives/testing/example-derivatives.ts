import type { Candle, FundingRate, InstrumentId, Liquidation, OpenInterest, Side, Ticker, Trade } from '@perpdesk/core';

/** 2026-01-05 00:00 UTC: a multiple of every timeframe. */
export const startMs = Date.UTC(2026, 0, 5);
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const btc: InstrumentId = 'BTC-PERP@hyperliquid';
export const venues = ['hyperliquid', 'binance', 'bybit', 'okx'] as const;
export const btcAt = (venue: string): InstrumentId => `BTC-PERP@${venue}`;

const moments = (atMs: number) => ({ exchangeAtMs: atMs, receivedAtMs: atMs });

export const openInterestAt = (atMs: number, size: number, price = 100, instrumentId = btc): OpenInterest => ({
  instrumentId,
  size,
  notionalUsd: size * price,
  ...moments(atMs),
});

/** A rate, told at its settlement, or an hour before it when predicted. */
export const fundingAt = (settlesAtMs: number, rate: number, changes: Partial<FundingRate> = {}): FundingRate => ({
  instrumentId: btc,
  rate,
  intervalMs: hourMs,
  settlesAtMs,
  predicted: false,
  ...moments(changes.predicted === true ? settlesAtMs - hourMs : settlesAtMs),
  ...changes,
});

export const tradeAt = (atMs: number, side: Side, size: number, price = 100, instrumentId = btc): Trade => ({
  instrumentId,
  id: `${atMs}`,
  side,
  price,
  size,
  ...moments(atMs),
});

export const minuteAt = (openAtMs: number, volume: number, close = 100, instrumentId = btc): Candle => ({
  instrumentId,
  timeframe: '1m',
  openAtMs,
  open: close,
  high: close,
  low: close,
  close,
  volume,
});

export const liquidationAt = (atMs: number, side: Side, price: number, size = 1, instrumentId = btc): Liquidation => ({
  instrumentId,
  side,
  price,
  size,
  ...moments(atMs),
});

export const tickerAt = (atMs: number, mark: number, index?: number, instrumentId = btc): Ticker => ({
  instrumentId,
  last: mark,
  mark,
  ...(index === undefined ? {} : { index }),
  bid: mark - 0.01,
  ask: mark + 0.01,
  ...moments(atMs),
});
