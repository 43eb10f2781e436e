import { describe, expect, it } from 'vitest';
import { CandleBuffer } from './candle-buffer.ts';
import { findGaps } from './find-gaps.ts';

const series = { instrumentId: 'BTC-PERP@test', timeframe: '1m' } as const;

describe('CandleBuffer', () => {
  it('default', () => {
    const buffer = new CandleBuffer(1);
    for (let i = 0; i < 5; i += 1) buffer.push(i * 60_000, 10 + i, 20 + i, 5 + i, 15 + i, i);
    expect(buffer.length).toBe(5);
    expect(buffer.candle(series, 4)).toEqual({
      ...series,
      openAtMs: 240_000,
      open: 14,
      high: 24,
      low: 9,
      close: 19,
      volume: 4,
    });
    expect([...buffer.columns().close]).toEqual([15, 16, 17, 18, 19]);
  });

  it('error: an index that holds no bar', () => {
    expect(() => new CandleBuffer().candle(series, 0)).toThrow('There is no bar 0 of 0.');
  });
});

describe('findGaps', () => {
  it('default', () => {
    expect(findGaps(series, [0, 60_000, 240_000, 300_000, 420_000])).toEqual([
      { ...series, fromMs: 120_000, toMs: 240_000, missing: 2 },
      { ...series, fromMs: 360_000, toMs: 420_000, missing: 1 },
    ]);
  });

  it('behavior: reads no further than the length', () => {
    expect(findGaps(series, [0, 60_000, 240_000], 2)).toEqual([]);
  });
});
