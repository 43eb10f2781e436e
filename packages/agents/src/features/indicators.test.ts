import { describe, expect, it } from 'vitest';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { seriesOf } from '../testing/series.ts';
import { emaOf, readIndicators, rsiOf, trueRangesOf, wilderOf } from './indicators.ts';
import { readSeries } from './series.ts';

describe('formulas', () => {
  it('default: EMA is seeded by the simple mean', () => {
    expect(emaOf([1, 2, 3, 4, 5], 3)).toEqual([2, 3, 4]);
  });

  it("behavior: Wilder's smoothing moves by one part in its period", () => {
    expect(wilderOf([1, 2, 3, 5], 3)).toEqual([2, 3]);
  });

  it("behavior: RSI after Wilder's own example runs 0 to 100 and is 50 where nothing moved", () => {
    expect(rsiOf([1, 2, 3, 4], 3)).toEqual([100]);
    expect(rsiOf([4, 3, 2, 1], 3)).toEqual([0]);
    expect(rsiOf([1, 1, 1, 1], 3)).toEqual([50]);
    // 0.3 up in all against 0.1 down.
    expect(rsiOf([10, 10.3, 10.2], 2)[0]).toBeCloseTo(75, 9);
  });

  it('behavior: true range includes the gap to the previous close', () => {
    expect(trueRangesOf(seriesOf([10, 14, 11], { wick: 1 }))).toEqual([2, 5, 4]);
  });
});

describe('readIndicators', () => {
  const candles = exampleCandles({ minutes: 2_000 });
  const atMs = startAtMs + 1_980 * 60_000;
  const query = { instrumentId: 'BTC-PERP@hyperliquid', timeframe: '15m', atMs, limit: 50, minimum: 40 } as const;

  it('default: takes what the view computed on the last bar', () => {
    const snapshot = {
      instrumentId: query.instrumentId,
      timeframe: query.timeframe,
      openAtMs: atMs - 900_000,
      values: { 'rsi(14)': 61.5, 'atr(14)': 123 },
      bars: 500,
    } as const;
    const { view } = exampleMarket(atMs, { candles, indicators: [snapshot] });
    const series = readSeries(view, query);
    expect(series && readIndicators(view.indicators(series.instrumentId, series.timeframe), series)).toMatchObject({
      rsi14: 61.5,
      atr14: 123,
    });
  });

  it('behavior: without a snapshot, or with one of an older bar, computes from the candles', () => {
    const older = { ...query, openAtMs: atMs - 1_800_000, values: { 'rsi(14)': 61.5 }, bars: 500 };
    const { view } = exampleMarket(atMs, { candles, indicators: [older] });
    const series = readSeries(view, query);
    const readings = series && readIndicators(view.indicators(series.instrumentId, series.timeframe), series);
    expect(readings?.rsi14).toBeCloseTo(rsiOf(series?.close ?? [], 14).at(-1) ?? Number.NaN, 12);
    for (const value of Object.values(readings ?? {})) expect(Number.isFinite(value)).toBe(true);
  });

  it('behavior: a series too short for an indicator lacks it', () => {
    const readings = readIndicators(undefined, seriesOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]));
    expect(readings.ema20).toBeUndefined();
    expect(readings.macdHistogram).toBeUndefined();
    expect(readings.rsi14).toBe(100);
  });
});
