import { describe, expect, it } from 'vitest';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { readSeries } from './series.ts';

const candles = exampleCandles({ minutes: 1_200 }).filter((candle) => candle.timeframe === '15m');
const atMs = startAtMs + 1_200 * 60_000;
const query = { instrumentId: 'BTC-PERP@hyperliquid', timeframe: '15m', atMs, limit: 50, minimum: 10 } as const;

describe('readSeries', () => {
  it('default: the last bars closed by now, oldest first', () => {
    const series = readSeries(exampleMarket(atMs, { candles }).view, query);
    expect(series?.length).toBe(50);
    expect(series?.lastOpenAtMs).toBe(atMs - 900_000);
    expect(series?.close.at(-1)).toBe(candles.at(-1)?.close);
  });

  const without = (from: number, bars: number) =>
    candles.filter((_, i) => i < candles.length - from || i >= candles.length - from + bars);

  it('behavior: the same bars are the same series; one that was corrected, or that has come, makes another', () => {
    const told = [...candles];
    const { view } = exampleMarket(atMs, { candles: told });
    // A view may hand out the list that it goes on changing.
    const live = Object.assign(Object.create(view) as typeof view, { candles: () => told });
    const first = readSeries(live, query);
    expect(readSeries(live, query)).toBe(first);
    const [before, corrected] = told.slice(-20);
    if (before === undefined || corrected === undefined) throw new Error('There are too few bars.');
    told[told.length - 19] = { ...corrected, close: corrected.close + 1 };
    const second = readSeries(live, query);
    expect(second?.close.at(-19)).toBe(corrected.close + 1);
    told.push({ ...before, openAtMs: atMs });
    expect(readSeries(live, query)?.lastOpenAtMs).toBe(atMs);
  });

  it('behavior: a hole of up to three bars is stepped over', () => {
    const series = readSeries(exampleMarket(atMs, { candles: without(15, 3) }).view, query);
    expect(series?.length).toBe(50);
  });

  it('behavior: only the bars after the last hole of more than three', () => {
    const gapped = without(16, 4);
    expect(readSeries(exampleMarket(atMs, { candles: gapped }).view, query)?.length).toBe(12);
    expect(readSeries(exampleMarket(atMs, { candles: gapped }).view, { ...query, minimum: 13 })).toBeUndefined();
  });

  it('behavior: a series that has stopped is none, one bar late is one', () => {
    const lateBy = (bars: number) => ({ ...query, atMs: atMs + bars * 900_000 });
    expect(readSeries(exampleMarket(atMs + 900_000, { candles }).view, lateBy(0.99))?.length).toBe(50);
    expect(readSeries(exampleMarket(atMs + 900_000, { candles }).view, lateBy(1))).toBeUndefined();
  });
});
