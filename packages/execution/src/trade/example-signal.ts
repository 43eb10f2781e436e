import { type Guidance, type Signal, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';

// A signal and its guidance for tests: long 0.1 BTC at 60,000, stop 59,500.

export const exampleSignal = (changes: Partial<Signal> = {}): Signal => ({
  id: 'signal:recommendation:BTC-PERP:15m:1000:alice',
  recommendationId: 'recommendation:BTC-PERP:15m:1000',
  userId: 'alice',
  market: 'BTC-PERP',
  venue: 'paper',
  instrumentId: 'BTC-PERP@hyperliquid',
  direction: 'long',
  size: toSize('0.1'),
  leverage: 6,
  marginMode: 'isolated',
  entry: toPrice(60_000),
  stopLoss: toPrice(59_500),
  takeProfits: [
    { price: toPrice(60_750), fraction: toRate('0.5') },
    { price: toPrice(61_500), fraction: toRate('0.5') },
  ],
  confidence: 0.7,
  notional: toUsd(6000),
  initialMargin: toUsd(1000),
  riskAtStop: toUsd('55.4'),
  reservationId: 'reservation:1',
  isFirstTrade: false,
  createdAtMs: 1000,
  expiresAtMs: 901_000,
  ...changes,
});

export const exampleGuidance = (legs: Guidance['legs'], changes: Partial<Guidance> = {}): Guidance => ({
  signalId: exampleSignal().id,
  userId: 'alice',
  style: legs[0]?.type === 'market' ? 'market' : 'ladder',
  legs,
  slippage: toRate('0.001'),
  expiresAfterMs: 600_000,
  notes: ['One.', 'Two.', 'Three.'],
  source: 'rules',
  ...changes,
});

export const limitLeg = (price: number, fraction: string): Guidance['legs'][number] => ({
  type: 'limit',
  price: toPrice(price),
  fraction: toRate(fraction),
});
