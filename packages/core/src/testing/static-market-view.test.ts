import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import type { Candle } from '../domain/candle.ts';
import { StaticMarketView } from './static-market-view.ts';

const id = 'BTC-PERP@hyperliquid';
const hourMs = 3_600_000;
const candle = (openAtMs: number): Candle => ({
  instrumentId: id,
  timeframe: '1h',
  openAtMs,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: 1,
});
const moments = (atMs: number) => ({ exchangeAtMs: atMs, receivedAtMs: atMs });

describe('StaticMarketView', () => {
  it('default: shows bars from their close on, the last of them, oldest first', async () => {
    const clock = new SimulatedClock({ startAtMs: 3 * hourMs - 1 });
    const view = new StaticMarketView({
      clock,
      instruments: [],
      candles: [0, 1, 2, 3].map((hour) => candle(hour * hourMs)),
    });
    const opens = (limit: number) => view.candles(id, '1h', limit).map(({ openAtMs }) => openAtMs / hourMs);
    expect(opens(10)).toEqual([0, 1]);
    await clock.advanceBy(1);
    expect(opens(2)).toEqual([1, 2]);
  });

  it('behavior: what was received later is not known yet', () => {
    const clock = new SimulatedClock({ startAtMs: 1_000 });
    const openInterest = [500, 1_500].map(
      (atMs) => ({ instrumentId: id, size: 1, notionalUsd: 1, ...moments(atMs) }) as const,
    );
    expect(new StaticMarketView({ clock, instruments: [], openInterest }).openInterest(id, 10)).toHaveLength(1);
  });

  it('behavior: a ticker grows stale', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    const ticker = { instrumentId: id, last: 1, mark: 1, bid: 1, ask: 1, ...moments(0) } as const;
    const view = new StaticMarketView({ clock, instruments: [], tickers: [ticker] });
    expect(view.ticker(id)?.quality).toBe('fresh');
    await clock.advanceBy(60_001);
    expect(view.ticker(id)).toMatchObject({ quality: 'stale', ageMs: 60_001 });
    expect(view.ticker('ETH-PERP@hyperliquid')).toBeUndefined();
  });
});
