import type { MarketObservation } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { isPossible } from './possible-observation.ts';
import { exampleCandle, exampleTicker } from './testing/example-market.ts';

const id = 'BTC-PERP@hyperliquid';
const moments = { instrumentId: id, exchangeAtMs: 1, receivedAtMs: 2 } as const;
const candle = exampleCandle(id, '1m', 60_000);
const ticker = exampleTicker(id, 1);

describe('isPossible', () => {
  it.each<MarketObservation>([
    { kind: 'candle', candle },
    { kind: 'forming-candle', candle },
    { kind: 'ticker', ticker },
    { kind: 'trade', trade: { ...moments, id: '1', side: 'buy', price: 1, size: 1 } },
    { kind: 'book', book: { ...moments, bids: [[1, 2]], asks: [] } },
    { kind: 'funding', funding: { ...moments, rate: 0, intervalMs: 1, settlesAtMs: 1, predicted: true } },
    { kind: 'open-interest', openInterest: { ...moments, size: 0, notionalUsd: 0 } },
    { kind: 'liquidation', liquidation: { ...moments, side: 'sell', price: 1, size: 1 } },
  ])('default: a sound $kind', (observation) => {
    expect(isPossible(observation)).toBe(true);
  });

  it.each<MarketObservation>([
    { kind: 'candle', candle: { ...candle, high: candle.open - 1 } },
    { kind: 'candle', candle: { ...candle, low: candle.close + 1 } },
    { kind: 'candle', candle: { ...candle, openAtMs: 60_001 } },
    { kind: 'forming-candle', candle: { ...candle, high: Number.POSITIVE_INFINITY } },
    { kind: 'ticker', ticker: { ...ticker, mark: 0 } },
    { kind: 'trade', trade: { ...moments, id: '1', side: 'buy', price: Number.NaN, size: 1 } },
    { kind: 'book', book: { ...moments, bids: [[1, -2]], asks: [] } },
    { kind: 'funding', funding: { ...moments, rate: Number.NaN, intervalMs: 1, settlesAtMs: 1, predicted: true } },
    { kind: 'open-interest', openInterest: { ...moments, size: -1, notionalUsd: 0 } },
    { kind: 'liquidation', liquidation: { ...moments, side: 'sell', price: 1, size: 0 } },
  ])('error: a $kind that can not be', (observation) => {
    expect(isPossible(observation)).toBe(false);
  });
});
