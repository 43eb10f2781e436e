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
});
