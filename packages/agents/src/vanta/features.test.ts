import type { IndicatorSnapshot } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { readVanta } from './features.ts';

const atMs = startAtMs + 14 * 86_400_000;

describe('readVanta', () => {
  it('behavior: indicators that come after their bar are read, and the same bars alone give the same again', () => {
    const { view, request } = exampleMarket(atMs, { candles: exampleCandles({ minutes: 14 * 1_440 }) });
    let snapshot: IndicatorSnapshot | undefined;
    const live = Object.assign(view, { indicators: () => snapshot });
    const atrOf = (): number | undefined => {
      const reading = readVanta({ marketView: live }, request);
      return 'absent' in reading ? undefined : reading.features.atr;
    };
    const own = atrOf();
    expect(own).toBeGreaterThan(0);
    expect(atrOf()).toBe(own);
    const openAtMs = view.candles(request.instrumentId, '15m', 1)[0]?.openAtMs ?? 0;
    snapshot = {
      instrumentId: request.instrumentId,
      timeframe: '15m',
      openAtMs,
      values: { 'atr(14)': 123 },
      bars: 1_000,
    };
    expect(atrOf()).toBe(123);
  });

  it('behavior: the same bars and indicators are the very same reading, and any other bar another', () => {
    const candles = [...exampleCandles({ minutes: 14 * 1_440 })];
    const { view, request } = exampleMarket(atMs);
    const live = Object.assign(view, {
      candles: (_: string, timeframe: string, limit: number) =>
        candles.filter((candle) => candle.timeframe === timeframe).slice(-limit),
    });
    const read = () => readVanta({ marketView: live }, request);
    for (const timeframe of ['15m', '1h', '4h']) {
      const before = read();
      expect(read()).toBe(before);
      const index = candles.findLastIndex((candle) => candle.timeframe === timeframe);
      const bar = candles[index];
      if (bar === undefined) throw new Error('There is no such bar.');
      candles[index] = { ...bar, close: bar.close + 1 };
      expect(read()).not.toEqual(before);
    }
  });
});
