import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenInterestTracker } from './open-interest-tracker.ts';
import { hourMs, minuteMs, openInterestAt, startMs } from './testing/example-derivatives.ts';

/** Values every five minutes: the size and the price at each. */
function tracked(points: readonly (readonly [size: number, price: number])[]): OpenInterestTracker {
  const tracker = new OpenInterestTracker();
  for (const [i, [size, price]] of points.entries())
    tracker.push(openInterestAt(startMs + i * 5 * minuteMs, size, price), price);
  return tracker;
}

describe('OpenInterestTracker', () => {
  it('default: the move of the last hour, with the price, and the slope', () => {
    const features = tracked(Array.from({ length: 25 }, (_, i) => [1000 + 10 * i, 100 + i])).features();
    expect(features).toMatchObject({
      size: 1240,
      notionalUsd: 1240 * 124,
      move: { spanMs: hourMs, quadrant: 'new-longs' },
    });
    expect(features?.move?.percent).toBeCloseTo(100 * (1240 / 1120 - 1), 9);
    expect(features?.move?.pricePercent).toBeCloseTo(100 * (124 / 112 - 1), 9);
    expect(features?.move?.usd).toBeCloseTo(120 * 124, 6);
    // 120 an hour, of a mean of 1,120.
    expect(features?.trendPercentPerHour).toBeCloseTo((100 * 120) / 1120, 9);
    expect(features?.move).not.toHaveProperty('z');
  });

  it('behavior: a shorter past gives a shorter span, a quarter of an hour at least', () => {
    expect(
      tracked([
        [100, 1],
        [101, 1],
        [102, 1],
      ]).features(),
    ).toEqual({ size: 102, notionalUsd: 102 });
    expect(
      tracked([
        [100, 1],
        [101, 1],
        [102, 1],
        [104, 1],
      ]).features()?.move,
    ).toMatchObject({ spanMs: 15 * minuteMs, quadrant: 'flat' });
    expect(new OpenInterestTracker().features()).toBeUndefined();
  });

  it('behavior: a move is unusual by the moves of the day, absent below two hours of them', () => {
    const calm = Array.from({ length: 60 }, (_, i): [number, number] => [1000 + (i % 5), 100]);
    expect(tracked(calm.slice(0, 36)).features()?.move).not.toHaveProperty('z');
    expect(Math.abs(tracked(calm).features()?.move?.z ?? Number.NaN)).toBeLessThan(3);
    expect(tracked([...calm, [1100, 100]]).features()?.move?.z).toBeGreaterThan(20);
  });

  it('behavior: without a price there is no quadrant, from nothing there is no percentage', () => {
    const unpriced = tracked(Array.from({ length: 13 }, (_, i) => [1000 + i, Number.NaN])).features();
    expect(unpriced?.move).not.toHaveProperty('quadrant');
    expect(unpriced?.move).not.toHaveProperty('pricePercent');
    expect(tracked(Array.from({ length: 13 }, (_, i) => [i, 100])).features()).not.toHaveProperty('move');
    const emptied = tracked(Array.from({ length: 13 }, (_, i) => [i === 12 ? 0 : 100, 100])).features();
    expect(emptied?.move).toMatchObject({ percent: -100 });
  });

  it('behavior: values come at any pace and out of order, and the move is that of the series they leave', () => {
    const steps = fc.array(
      fc.record({
        afterMs: fc.integer({ min: -60_000, max: 900_000 }),
        size: fc.double({ min: 1, max: 1e6, noNaN: true }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (values) => {
        const tracker = new OpenInterestTracker();
        const taken: { readonly atMs: number; readonly size: number }[] = [];
        const kept: { readonly atMs: number; readonly size: number }[] = [];
        let atMs = startMs;
        for (const { afterMs, size } of values) {
          atMs += afterMs;
          tracker.push(openInterestAt(atMs, size), 100);
          if (atMs <= (taken.at(-1)?.atMs ?? 0)) continue;
          taken.push({ atMs, size });
          if (atMs >= (kept.at(-1)?.atMs ?? 0) + 5 * minuteMs) kept.push({ atMs, size });
        }
        const newest = taken.at(-1);
        const move = tracker.features()?.move;
        const base = newest && (kept.findLast((value) => value.atMs <= newest.atMs - hourMs) ?? kept[0]);
        const span = newest === undefined || base === undefined ? 0 : newest.atMs - base.atMs;
        if (newest === undefined || base === undefined || span < 15 * minuteMs || span > 2 * hourMs) {
          expect(move).toBeUndefined();
          return;
        }
        expect(move?.spanMs).toBe(span);
        expect(move?.percent).toBeCloseTo(100 * (newest.size / base.size - 1), 6);
      }),
    );
  });
});
