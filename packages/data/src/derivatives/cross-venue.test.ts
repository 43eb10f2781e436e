import type { OpenInterestFeatures } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amongVenues, fundingSpread, positionFlow, volumeSpread } from './cross-venue.ts';

const venue = (
  name: string,
  sizeBefore: number,
  size: number,
  price = 10,
): { venue: string; value: OpenInterestFeatures } => ({
  venue: name,
  value: {
    size,
    notionalUsd: size * price,
    move: { percent: 100 * (size / sizeBefore - 1), spanMs: 3_600_000, usd: (size - sizeBefore) * price },
  },
});

describe('positionFlow', () => {
  it('default: who builds, who unwinds, and how much went elsewhere', () => {
    const flow = positionFlow([venue('a', 100, 150), venue('b', 100, 50)]);
    expect(flow?.venues).toEqual([
      { venue: 'a', notionalUsd: 1500, moveUsd: 500, share: 0.75, shareChange: 0.25 },
      { venue: 'b', notionalUsd: 500, moveUsd: -500, share: 0.25, shareChange: -0.25 },
    ]);
    expect(flow).toMatchObject({ build: 0.5, moveUsd: 0, shifted: 0.25 });
  });

  it('behavior: a venue that hardly moved neither builds nor unwinds', () => {
    expect(positionFlow([venue('a', 1000, 1000.5), venue('b', 1000, 1100)])?.build).toBeCloseTo(1100 / 2100.5, 9);
  });

  it('behavior: needs two venues whose move is known', () => {
    const unmoved = { venue: 'b', value: { size: 100, notionalUsd: 1000 } };
    expect(positionFlow([venue('a', 100, 150), unmoved])).toBeUndefined();
    expect(positionFlow([])).toBeUndefined();
  });

  it('behavior: shares sum to one, their changes to nothing, build and shift stay within their bounds', () => {
    const size = fc.double({ min: 1, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(size, size), { minLength: 2, maxLength: 8 }), (sizes) => {
        const flow = positionFlow(sizes.map(([before, now], i) => venue(`v${i}`, before, now)));
        const sum = (of: 'share' | 'shareChange') => flow?.venues.reduce((total, each) => total + each[of], 0);
        expect(sum('share')).toBeCloseTo(1, 9);
        expect(sum('shareChange')).toBeCloseTo(0, 9);
        expect(Math.abs(flow?.build ?? 2)).toBeLessThanOrEqual(1 + 1e-12);
        expect(flow?.shifted).toBeGreaterThanOrEqual(0);
        expect(flow?.shifted).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});

describe('volumeSpread', () => {
  it('default: the Herfindahl index: 1/n when even, 1 when all is at one venue', () => {
    const of = (...values: number[]) => volumeSpread(values.map((value, i) => ({ venue: `v${i}`, value })));
    expect(of(5, 5, 5, 5)).toEqual({ venues: 4, concentration: 0.25, largestVenue: 'v0' });
    expect(of(0, 7)).toMatchObject({ concentration: 1, largestVenue: 'v1' });
    expect(of(3, 1)?.concentration).toBeCloseTo(0.625, 12);
    expect(of(3)).toBeUndefined();
    expect(of(0, 0)).toBeUndefined();
  });
});

describe('funding among venues', () => {
  it('default: lowest, highest and median', () => {
    expect(
      fundingSpread([
        { venue: 'a', value: 0.0001 },
        { venue: 'b', value: -0.0002 },
        { venue: 'c', value: 0.0003 },
      ]),
    ).toEqual({
      venues: 3,
      medianPer8h: 0.0001,
      lowest: { venue: 'b', per8h: -0.0002 },
      highest: { venue: 'c', per8h: 0.0003 },
    });
    expect(fundingSpread([{ venue: 'a', value: 1 }])).toBeUndefined();
  });

  it('behavior: one venue against the others, an outlier from four venues on', () => {
    expect(amongVenues(0.0005, [])).toEqual({});
    expect(amongVenues(0.0005, [0.0001, 0.0003])).toEqual({ spread: expect.closeTo(0.0003, 12) });
    const outlier = amongVenues(0.002, [0.0001, 0.00011, 0.00012]);
    expect(outlier.spread).toBeCloseTo(0.00189, 12);
    expect(outlier.z).toBeGreaterThan(3.5);
  });
});
