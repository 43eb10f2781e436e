import { type Signal, type TradeDirection, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { startAtMs } from './market.ts';

/** A signal of 0.05 BTC at 60,000 with a stop 1 % away, good for 15 minutes. */
export function exampleSignal(change: Partial<Signal> = {}, direction: TradeDirection = 'long'): Signal {
  const sign = direction === 'long' ? 1 : -1;
  return {
    id: 'signal:recommendation:BTC-PERP:15m:1:user-1',
    recommendationId: 'recommendation:BTC-PERP:15m:1',
    userId: 'user-1',
    market: 'BTC-PERP',
    venue: 'paper',
    instrumentId: 'BTC-PERP@hyperliquid',
    direction,
    size: toSize('0.05'),
    leverage: 3,
    marginMode: 'isolated',
    entry: toPrice(60_000),
    stopLoss: toPrice(60_000 - sign * 600),
    takeProfits: [{ price: toPrice(60_000 + sign * 1_200), fraction: toRate(1) }],
    confidence: 0.7,
    notional: toUsd(3_000),
    initialMargin: toUsd(1_000),
    riskAtStop: toUsd('32.7'),
    reservationId: 'reservation:1',
    isFirstTrade: false,
    createdAtMs: startAtMs,
    expiresAtMs: startAtMs + 900_000,
    ...change,
  };
}
