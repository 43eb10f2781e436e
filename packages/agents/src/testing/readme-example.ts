import { Vanta } from '@perpdesk/agents';
import { type Candle, SimulatedClock, timeframeMs } from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';

// Four days of candles by hand: a market that climbs in waves.
const endMs = Date.UTC(2025, 6, 25);
const priceAt = (ms: number): number => 118_000 + (ms - endMs) / 60_000 + 250 * Math.sin(ms / 9_000_000);
const candles = (['15m', '1h', '4h'] as const).flatMap((timeframe) =>
  Array.from({ length: 345_600_000 / timeframeMs(timeframe) }, (_, i): Candle => {
    const openAtMs = endMs - 345_600_000 + i * timeframeMs(timeframe);
    const [open, close] = [priceAt(openAtMs), priceAt(openAtMs + timeframeMs(timeframe))];
    const [high, low] = [Math.max(open, close) + 40, Math.min(open, close) - 40];
    return {
      instrumentId: 'BTC-PERP@hyperliquid',
      timeframe,
      openAtMs,
      open,
      high,
      low,
      close,
      volume: close > open ? 90 : 40,
    };
  }),
);

const clock = new SimulatedClock({ startAtMs: endMs });
const vanta = new Vanta({ marketView: new StaticMarketView({ clock, instruments: [], candles }), clock });
const request = { market: 'BTC-PERP', instrumentId: 'BTC-PERP@hyperliquid', atMs: endMs, deadlineMs: 12_000 } as const;
const opinion = await vanta.opine(request);
console.log(opinion?.direction, opinion?.score, opinion?.regime);
console.log(opinion?.reasoning);
