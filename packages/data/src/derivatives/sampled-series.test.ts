import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampledSeries } from './sampled-series.ts';
import { TimeBins } from './time-bins.ts';

describe('SampledSeries', () => {
  it('behavior: keeps the newest, spaced, and finds what held at an instant', () => {
    const push = fc.record({ afterMs: fc.integer({ min: -20, max: 40 }), value: fc.integer() });
    fc.assert(
      fc.property(
        fc.array(push, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(2000),
        (pushes, capacity, askMs) => {
          const series = new SampledSeries({ spacingMs: 10, capacity });
          const kept: [number, number][] = [];
          let atMs = 0;
          for (const { afterMs, value } of pushes) {
            atMs += afterMs;
            series.push(atMs, value, -value);
            if (kept.length === 0 || atMs >= (kept.at(-1)?.[0] ?? 0) + 10) kept.push([atMs, value]);
          }
          const newest = kept.slice(-capacity);
          const held = Array.from({ length: series.length }, (_, i) => [series.timeAt(i), series.valueAt(i)]);
          expect(held).toEqual(newest);
          expect(series.indexAsOf(askMs)).toBe(newest.findLastIndex(([time]) => time <= askMs));
          expect([series.valueAt(-1), series.timeAt(series.length), series.priceAt(series.length)]).toEqual([
            NaN,
            NaN,
            NaN,
          ]);
          if (newest.length > 0) expect(series.priceAt(0)).toBe(-series.valueAt(0));
        },
      ),
    );
  });
});

describe('TimeBins', () => {
  it('behavior: sums by span, the newest spans only, and tells silence from zero', () => {
    const bins = new TimeBins({ widthMs: 10, count: 3, columns: 2 });
    bins.add(0, 5, 1);
    bins.add(0, 9, 2);
    bins.add(1, 25, 7);
    expect([bins.at(0, 0), bins.at(0, 1), bins.at(0, 2), bins.at(1, 2)]).toEqual([3, NaN, NaN, 7]);
    expect([bins.sum(0, 0, 2), bins.sum(0, 1, 2), bins.sum(1, 0, 2)]).toEqual([3, NaN, 7]);
    bins.add(0, 30, 0);
    expect([bins.at(0, 0), bins.at(0, 3)]).toEqual([NaN, 0]);
    bins.add(0, 5, 100);
    expect([bins.at(0, 0), bins.at(0, 3)]).toEqual([NaN, 0]);
  });
});
