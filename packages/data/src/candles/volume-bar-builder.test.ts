import type { VolumeBar } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentId, midnight, minuteMs, trade } from './testing/hear-bars.ts';
import { VolumeBarBuilder } from './volume-bar-builder.ts';

function build() {
  const bars: VolumeBar[] = [];
  const builder = new VolumeBarBuilder({ instrumentId, told: (bar) => bars.push(bar) });
  /** Minute, bought, sold, and the trades of each. */
  const said = () =>
    bars.map((bar) => [
      (bar.openAtMs - midnight) / minuteMs,
      ...[bar.buyVolume, bar.sellVolume, bar.buyTrades, bar.sellTrades],
    ]);
  return { builder, bars, said };
}

describe('VolumeBarBuilder', () => {
  it('default: who took in a minute, told once by the first trade after its grace', () => {
    const { builder, bars } = build();
    builder.take(trade(30, 100));
    builder.take(trade(60, 100, { size: 2 }));
    builder.take(trade(61, 100, { side: 'sell', size: 0.5 }));
    builder.take(trade(119.999, 100, { size: 0.25 }));
    builder.take(trade(121.999, 100));
    expect(bars).toEqual([]);
    builder.take(trade(122, 100));
    builder.take(trade(150, 100));
    expect(bars).toEqual([
      {
        ...{ instrumentId, timeframe: '1m', openAtMs: midnight + minuteMs },
        ...{ buyVolume: 2.25, sellVolume: 0.5, buyTrades: 2, sellTrades: 1 },
      },
    ]);
  });

  it('behavior: a late trade counts in its minute, told again once that was told; of a forgotten minute it does not', () => {
    const { builder, said } = build();
    for (const seconds of [30, 61, 121]) builder.take(trade(seconds, 100));
    builder.take(trade(62, 100, { side: 'sell' }));
    builder.take(trade(185, 100));
    builder.take(trade(63, 100));
    expect(said()).toEqual([
      [1, 1, 1, 1, 1],
      [2, 1, 0, 1, 0],
      [1, 2, 1, 2, 1],
    ]);
    builder.take(trade(600, 100));
    const before = said().length;
    builder.take(trade(64, 100));
    builder.take(trade(725, 100));
    expect(said().slice(before)).toEqual([[10, 1, 0, 1, 0]]);
  });

  it('behavior: minutes that a gap touches are not told, those before and after it are', () => {
    const { builder, said } = build();
    for (const seconds of [10, 70, 130]) builder.take(trade(seconds, 100));
    builder.interrupt(midnight + 130_000, midnight + 250_000);
    for (const seconds of [250, 301, 365]) builder.take(trade(seconds, 100));
    expect(said()).toEqual([
      [1, 1, 0, 1, 0],
      [5, 1, 0, 1, 0],
    ]);
  });

  it('behavior: a gap that is told before the first trade hides what it touches too', () => {
    const { builder, said } = build();
    builder.interrupt(midnight + 10_000, midnight + 200_000);
    for (const seconds of [10, 200, 241, 305]) builder.take(trade(seconds, 100));
    expect(said()).toEqual([[4, 1, 0, 1, 0]]);
  });

  it('behavior: a minute without trades is told where the bar of the venue says so, and only where trades are watched', () => {
    const { builder, said } = build();
    builder.quiet(midnight);
    builder.take(trade(70, 100));
    builder.quiet(midnight + minuteMs);
    builder.quiet(midnight + 2 * minuteMs);
    builder.quiet(midnight + 2 * minuteMs);
    builder.take(trade(310, 100));
    expect(said()).toEqual([[2, 0, 0, 0, 0]]);
  });

  it('behavior: a trade stamped far after its arrival closes nothing', () => {
    const { builder, said } = build();
    builder.take(trade(10, 100));
    builder.take(trade(70, 100));
    builder.take(trade(9_000, 100, { receivedAtMs: midnight }));
    expect(said()).toEqual([]);
  });

  it('behavior: the newest word on each whole minute adds up to all trades in it, whatever their order within the grace', () => {
    const step = fc.record({
      seconds: fc.integer({ min: 60, max: 600 }),
      size: fc.integer({ min: 1, max: 9 }),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      delay: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
        const { builder, bars } = build();
        builder.take(trade(0, 100));
        const arrivals = [...steps].sort((a, b) => a.seconds + a.delay - b.seconds - b.delay);
        for (const { seconds, ...rest } of arrivals) builder.take(trade(seconds, 100, rest));
        builder.take(trade(700, 100));
        const newest = new Map(bars.map((bar) => [bar.openAtMs, bar]));
        for (const [openAtMs, bar] of newest) {
          const inIt = steps.filter(({ seconds }) => Math.floor(seconds / 60) * minuteMs === openAtMs - midnight);
          const sum = (side: string) => inIt.reduce((total, one) => total + (one.side === side ? one.size : 0), 0);
          expect([bar.buyVolume, bar.sellVolume]).toEqual([sum('buy'), sum('sell')]);
        }
        expect(newest.size).toBe(new Set(steps.map(({ seconds }) => Math.floor(seconds / 60))).size);
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});
