import { describe, expect, it } from 'vitest';
import { joinLiquidations, LiquidationTracker } from './liquidation-tracker.ts';
import { hourMs, liquidationAt, minuteMs, startMs } from './testing/example-derivatives.ts';

function tracked(liquidations: readonly ReturnType<typeof liquidationAt>[]): LiquidationTracker {
  const tracker = new LiquidationTracker();
  for (const liquidation of liquidations) tracker.push(liquidation);
  return tracker;
}
const featuresOf = (tracker: LiquidationTracker, nowMs: number) => joinLiquidations([tracker.hour(nowMs)]);

/** Longs closed one after another, ten seconds and 0.05 % apart. */
const falling = Array.from({ length: 6 }, (_, i) => liquidationAt(startMs + i * 10_000, 'sell', 100 - i * 0.05, 2));

describe('LiquidationTracker', () => {
  it('default: who was closed by force in the last hour', () => {
    const tracker = tracked([
      liquidationAt(startMs, 'sell', 100, 3),
      liquidationAt(startMs + 10 * minuteMs, 'buy', 100, 1),
    ]);
    expect(featuresOf(tracker, startMs + 30 * minuteMs)).toMatchObject({
      count: 2,
      longsUsd: 300,
      shortsUsd: 100,
      imbalance: -0.5,
      largest: { side: 'sell', count: 1, usd: 300 },
    });
    expect(featuresOf(tracker, startMs + hourMs)).toMatchObject({ count: 2 });
    expect(featuresOf(tracker, startMs + hourMs + minuteMs)).toMatchObject({
      count: 1,
      imbalance: 1,
      largest: { side: 'buy' },
    });
    expect(featuresOf(tracker, startMs + 2 * hourMs)).toBeUndefined();
  });

  it('behavior: one side, a minute and a quarter percent apart at most, is a cluster; five that push the price are a cascade', () => {
    const features = featuresOf(tracked(falling), startMs + minuteMs);
    expect(features?.largest).toMatchObject({
      side: 'sell',
      count: 6,
      fromMs: startMs,
      toMs: startMs + 50_000,
      lowPrice: 99.75,
      highPrice: 100,
      movePercent: expect.closeTo(-0.25, 9),
    });
    expect(features?.cascade).toEqual(features?.largest);
    expect(Object.keys(features?.largest ?? {})).not.toContain('firstPrice');
  });

  it('behavior: later, further off or of the other side is another cluster', () => {
    const apart = tracked([
      liquidationAt(startMs, 'sell', 100),
      liquidationAt(startMs + 1000, 'buy', 100),
      liquidationAt(startMs + 2000, 'sell', 99.9),
      liquidationAt(startMs + 3000, 'sell', 98),
      liquidationAt(startMs + 64_000, 'sell', 98),
    ]).hour(startMs + 2 * minuteMs).clusters;
    expect(apart.map(({ side, count, highPrice }) => [side, count, highPrice])).toEqual([
      ['buy', 1, 100],
      ['sell', 2, 100],
      ['sell', 1, 98],
      ['sell', 1, 98],
    ]);
  });

  it('behavior: many that move nothing, or against themselves, are no cascade', () => {
    const still = falling.map((each) => ({ ...each, price: 100 }));
    const against = falling.map((each) => ({ ...each, side: 'buy' as const }));
    const few = falling.slice(0, 4);
    for (const each of [still, against, few]) {
      expect(featuresOf(tracked(each), startMs + minuteMs)).not.toHaveProperty('cascade');
    }
  });

  it('behavior: venues are summed, and their clusters stay their own', () => {
    const joined = joinLiquidations([
      tracked(falling).hour(startMs + minuteMs),
      tracked(falling.slice(0, 3)).hour(startMs + minuteMs),
    ]);
    expect(joined).toMatchObject({ count: 9, imbalance: -1, largest: { count: 6 }, cascade: { count: 6 } });
    expect(joinLiquidations([])).toBeUndefined();
  });
});
