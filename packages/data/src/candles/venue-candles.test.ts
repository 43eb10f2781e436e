import { type Candle, timeframes, ValidationError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { CandleBuilder } from './candle-builder.ts';
import { hearBars, instrumentId, midnight, minuteMs, minuteOf, trade } from './testing/hear-bars.ts';
import type { TradeCandle } from './trade-bar.ts';
import { VenueCandles, type VenueCandlesOptions } from './venue-candles.ts';

const bar = (minute: number, changes: Partial<Candle> = {}): Candle => ({
  instrumentId,
  timeframe: '1m',
  openAtMs: midnight + minute * minuteMs,
  open: 100,
  high: 102,
  low: 99,
  close: 101,
  volume: 1,
  ...changes,
});

function venue(options: Partial<VenueCandlesOptions> = {}) {
  const heard = hearBars();
  return { bars: new VenueCandles({ instrumentId, listener: heard.listener, ...options }), ...heard };
}

describe('VenueCandles', () => {
  it('default', () => {
    const { bars, closed } = venue();
    expect([bars.push(bar(0)), bars.push(bar(0, { close: 100 })), bars.push(bar(1))]).toEqual([
      'forming',
      'forming',
      'forming',
    ]);
    expect(closed).toEqual([bar(0, { close: 100 })]);
    expect([bars.push(bar(1, { volume: 2 }), true), bars.forming()]).toEqual(['closed', undefined]);
    expect(closed.map(minuteOf)).toEqual([0, 1]);
  });

  it('behavior: a bar closes once; what comes of it later is a duplicate, a restatement or late', () => {
    const { bars, closed, corrected } = venue({ remembered: 2 });
    for (const minute of [0, 1, 2]) bars.push(bar(minute), true);
    expect([
      bars.push(bar(2), true),
      bars.push(bar(1, { volume: 9 })),
      bars.push(bar(1, { volume: 9 })),
      bars.push(bar(0)),
    ]).toEqual(['duplicate', 'restated', 'duplicate', 'late']);
    expect(corrected).toEqual([[bar(1, { volume: 9 }), 'restated']]);
    expect(closed.length).toBe(3);
  });

  it('behavior: closes by time after the grace, and tells bars that never came as a gap', () => {
    const { bars, closed, gaps, skipped } = venue();
    bars.push(bar(0));
    bars.advanceTo(midnight + 61_999);
    expect(closed).toEqual([]);
    bars.advanceTo(midnight + 62_000);
    bars.advanceTo(midnight + 90_000);
    bars.push(bar(5), true);
    expect(closed.map(minuteOf)).toEqual([0, 5]);
    expect(gaps.map(({ missing }) => missing)).toEqual([4]);
    expect(skipped.map(({ timeframe, missing }) => [timeframe, missing])).toEqual([['5m', 4]]);
  });

  it('behavior: a final bar that comes after the next one opened still closes in turn', () => {
    const { bars, closed, gaps } = venue();
    bars.push(bar(0), true);
    bars.push(bar(2));
    expect([bars.push(bar(1)), bars.push(bar(1), true), bars.push(bar(2), true)]).toEqual(['late', 'closed', 'closed']);
    expect([closed.map(minuteOf), gaps]).toEqual([[0, 1, 2], []]);
  });

  it('behavior: a bar that can not be is refused', () => {
    const { bars, closed } = venue();
    expect([
      bars.push(bar(0, { low: 0 }), true),
      bars.push(bar(0, { high: 100 }), true),
      bars.push(bar(0, { close: Number.NaN }), true),
      bars.push(bar(0, { openAtMs: midnight + 1 }), true),
    ]).toEqual(['invalid', 'invalid', 'invalid', 'invalid']);
    expect([closed, bars.counts().invalid]).toEqual([[], 4]);
    expect(() => bars.push(bar(0, { timeframe: '5m' }))).toThrow(ValidationError);
  });

  it('behavior: the venue’s bars of the same trades close as those built from them do', () => {
    const built = hearBars();
    const builder = new CandleBuilder({ instrumentId, listener: built.listener, completeFromMs: midnight });
    const sent = venue();
    let current: Candle | undefined;
    let price = 100;
    for (let i = 0; i < 3_000; i += 1) {
      price += ((i * 7919) % 13) - 6;
      const one = trade(i, Math.max(1, price), { size: 1 + (i % 4) });
      builder.push(one);
      const openAtMs = Math.floor(one.exchangeAtMs / minuteMs) * minuteMs;
      current =
        current?.openAtMs !== openAtMs
          ? bar(0, { openAtMs, open: one.price, high: one.price, low: one.price, close: one.price, volume: one.size })
          : {
              ...current,
              high: Math.max(current.high, one.price),
              low: Math.min(current.low, one.price),
              close: one.price,
              volume: current.volume + one.size,
            };
      sent.bars.push(current);
    }
    builder.advanceTo(midnight + 3_002_000);
    sent.bars.advanceTo(midnight + 3_002_000);
    const plain = built.closed.map((closed): Candle => {
      const { buyVolume: _, sellVolume: __, trades: ___, ...candle } = closed as TradeCandle;
      return candle;
    });
    expect(sent.closed).toEqual(plain);
    expect(timeframes.map((timeframe) => sent.of(timeframe).length)).toEqual([50, 10, 3, 0, 0, 0]);
  });
});
