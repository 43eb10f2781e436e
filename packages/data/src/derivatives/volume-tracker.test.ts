import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { robustZ } from './robust-z.ts';
import { hourMs, minuteAt, minuteMs, startMs, tradeAt } from './testing/example-derivatives.ts';
import { VolumeTracker } from './volume-tracker.ts';

const barMs = 5 * minuteMs;

/** Bars of five minutes as one trade of each side; the first is not counted, it began before we looked. */
function traded(bars: readonly (readonly [bought: number, sold: number])[]): VolumeTracker {
  const tracker = new VolumeTracker();
  tracker.addTrade(tradeAt(startMs - 1, 'buy', 1e9));
  for (const [i, [bought, sold]] of bars.entries()) {
    tracker.addTrade(tradeAt(startMs + i * barMs + 1, 'buy', bought));
    tracker.addTrade(tradeAt(startMs + i * barMs + 2, 'sell', sold));
  }
  return tracker;
}

describe('VolumeTracker', () => {
  it('default: what takers bought less what they sold, over the last whole hour', () => {
    const tracker = traded(Array.from({ length: 13 }, () => [3, 1]));
    const features = tracker.features(startMs + hourMs);
    expect(features).toEqual({ usd: 12 * 400, bars: 12, delta: 0.5 });
    expect(tracker.knownToMs(startMs + hourMs)).toBe(startMs + hourMs);
  });

  it('behavior: bars tell the whole, without a delta; where both are told, the bars count', () => {
    const tracker = new VolumeTracker();
    for (let minute = 0; minute < 60; minute += 1) tracker.addMinute(minuteAt(startMs + minute * minuteMs, 2, 50));
    tracker.addMinute(minuteAt(startMs, 1e9));
    expect(tracker.features(startMs + hourMs)).toEqual({ usd: 60 * 100, bars: 12 });
    tracker.addTrade(tradeAt(startMs - 1, 'buy', 7));
    tracker.addTrade(tradeAt(startMs + 1, 'sell', 7));
    expect(tracker.features(startMs + hourMs)).toEqual({ usd: 60 * 100, bars: 12, delta: -1 });
  });

  it('behavior: below half an hour of bars nothing is said, and a bar that is under way is not looked at', () => {
    const tracker = traded(Array.from({ length: 6 }, () => [1, 1]));
    expect(tracker.features(startMs + 6 * barMs - 1)).toBeUndefined();
    expect(tracker.features(startMs + 6 * barMs)).toMatchObject({ bars: 6, usd: 1200 });
    expect(tracker.features(startMs + 12 * barMs)).toMatchObject({ bars: 6 });
    expect(tracker.features(startMs + 13 * barMs)).toBeUndefined();
    expect(new VolumeTracker().features(startMs)).toBeUndefined();
  });

  it('behavior: an unusual bar stands out though the day had wild ones', () => {
    const day = Array.from({ length: 60 }, (_, i): [number, number] => [i % 20 === 0 ? 1e6 : 10 + (i % 4), 10]);
    expect(traded(day).features(startMs + 60 * barMs)?.anomalyZ).toBeGreaterThan(-3);
    expect(traded(day).features(startMs + 60 * barMs)?.anomalyZ).toBeLessThan(3);
    const burst = [...day, [200, 200] as const];
    expect(traded(burst).features(startMs + 61 * barMs)?.anomalyZ).toBeGreaterThan(10);
    expect(traded(day.slice(0, 20)).features(startMs + 20 * barMs)).not.toHaveProperty('anomalyZ');
  });

  it('behavior: how unusual a bar is does not depend on what was asked before, whatever comes late, leaps or lacks', () => {
    const amount = fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 1, max: 1e6 }));
    const act = fc.record({
      // How much later, in bars, and how far before that the trade was.
      after: fc.oneof({ arbitrary: fc.nat(1), weight: 60 }, fc.integer({ min: 2, max: 330 })),
      late: fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, fc.nat(300)),
      amount,
      asked: fc.boolean(),
      // Asked as of so many bars before.
      behind: fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, fc.nat(120)),
    });
    const day = fc.array(amount, { minLength: 24, maxLength: 300, size: 'max' });
    fc.assert(
      fc.property(day, fc.array(act, { maxLength: 120, size: 'max' }), (usual, acts) => {
        const firstBar = startMs / barMs;
        const tracker = traded(usual.map((bought) => [bought, 0]));
        const volumes = new Map(usual.map((volume, i) => [firstBar + i, 100 * volume]));
        let bar = firstBar + usual.length - 1;
        for (const { after, late, amount: size, asked, behind } of acts) {
          bar += after;
          const at = Math.max(bar - late, bar - 280, firstBar);
          tracker.addTrade(tradeAt(at * barMs + 7, 'buy', size));
          volumes.set(at, (volumes.get(at) ?? 0) + 100 * size);
          if (!asked) continue;
          const last = bar - behind - 1;
          // A day and a bar are kept: a newer one takes the place of an older one.
          const isKept = (span: number): boolean =>
            ![...volumes.keys()].some((other) => other > span && (other - span) % 289 === 0);
          const logarithmOf = (span: number): number =>
            isKept(span) ? Math.log(volumes.get(span) ?? Number.NaN) : Number.NaN;
          const before = Array.from({ length: 287 }, (_, i) => logarithmOf(last - 287 + i)).filter(Number.isFinite);
          const newest = logarithmOf(last);
          const expected = Number.isFinite(newest) ? robustZ(newest, before, 24) : undefined;
          const features = tracker.features((last + 1) * barMs + 11);
          if (features !== undefined) expect(features.anomalyZ).toBe(expected);
        }
      }),
    );
  });

  it('behavior: as of before the newest, what gave way to it is not known, asked before or not', () => {
    const atMs = startMs + 60 * barMs;
    const anomaly = (askedBefore: boolean): number | undefined => {
      const tracker = traded(Array.from({ length: 60 }, (_, i) => [2 ** i, 0]));
      if (askedBefore) expect(tracker.features(atMs)?.anomalyZ).toBeDefined();
      for (let bar = 0; bar < 9; bar += 1) tracker.addTrade(tradeAt(startMs + (289 + bar) * barMs, 'buy', 1));
      return tracker.features(atMs)?.anomalyZ;
    };
    // The logarithms are those of 2^9 to 2^58; MAD is 12.5.
    expect(anomaly(false)).toBeCloseTo((0.6745 * 25.5) / 12.5, 9);
    expect(anomaly(true)).toBe(anomaly(false));
  });

  it('behavior: any trades in any order sum to what a plain count says', () => {
    const trade = fc.record({
      afterMs: fc.integer({ min: 0, max: 4 * hourMs }),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(
        fc.array(trade, { minLength: 1, maxLength: 150, size: 'max' }),
        fc.integer({ min: 0, max: 5 * hourMs }),
        (trades, nowAfter) => {
          const tracker = new VolumeTracker();
          for (const { afterMs, side, size } of trades) tracker.addTrade(tradeAt(startMs + afterMs, side, size, 1));
          const barOf = (afterMs: number): number => Math.floor(afterMs / barMs);
          const last = barOf(nowAfter) - 1;
          const first = barOf(trades[0]?.afterMs ?? 0);
          const counted = trades.filter(
            ({ afterMs }) => barOf(afterMs) > first && barOf(afterMs) <= last && barOf(afterMs) > last - 12,
          );
          const bars = new Set(counted.map(({ afterMs }) => barOf(afterMs))).size;
          const sum = (side?: string): number =>
            counted.reduce((total, each) => total + (side === undefined || each.side === side ? each.size : 0), 0);
          const features = tracker.features(startMs + nowAfter);
          if (bars < 6) expect(features).toBeUndefined();
          else
            expect(features).toMatchObject({
              usd: sum(),
              bars,
              delta: expect.closeTo((sum('buy') - sum('sell')) / sum(), 9),
            });
        },
      ),
    );
  });
});
