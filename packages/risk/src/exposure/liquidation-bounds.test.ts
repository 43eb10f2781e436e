import { type MarginTier, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { show } from '../decision/show.ts';
import { exact } from '../exact/exact.ts';
import {
  fittingLeverages,
  highestLeverage,
  largestFitting,
  leverageCandidates,
  leverageFits,
} from '../recommendation/leverage.ts';
import { anInstrument, aPosition } from '../testing/fixtures.ts';
import { keepsDistance, liquidationDistance, type PlannedPosition, tierLeverage } from './liquidation-distance.ts';

const tier = (from: number, maxLeverage: number, rate: string, deduction: number): MarginTier => ({
  ...{ notionalFrom: toUsd(from), maxLeverage, maintenanceMarginRate: toRate(rate) },
  maintenanceDeduction: toUsd(deduction),
});
const one = [tier(0, 40, '0.01', 0)];
const three = [tier(0, 40, '0.01', 0), tier(20_000, 20, '0.05', 800), tier(100_000, 5, '0.1', 5_800)];
const jump = [tier(0, 40, '0.01', 0), tier(50_000, 20, '0.03', 0), tier(200_000, 5, '0.1', 0)];
const plan = (changes: Partial<PlannedPosition> = {}): PlannedPosition => ({
  ...{ direction: 'long', entry: exact(100), leverage: 10, tiers: one, held: undefined },
  ...changes,
});
const held = (changes: Parameters<typeof aPosition>[0] = {}) =>
  aPosition({
    ...{ size: toSize(10), entryPrice: toPrice(100), markPrice: toPrice(110), margin: toUsd(500), leverage: 2 },
    ...changes,
  });
const distanceOf = (changes: Partial<PlannedPosition>, size = 10) => {
  const distance = liquidationDistance(plan(changes), exact(size));
  return distance && show(distance.toDecimalPlaces(6, 'down'));
};

describe('where a planned position would be liquidated', () => {
  it('default: by hand, either way', () => {
    // (1000 − 100) / (10 · 0.99) and (1000 + 100) / (10 · 1.01).
    expect(distanceOf({})).toBe('9.090909');
    expect(distanceOf({ direction: 'short' })).toBe('8.910891');
    expect(distanceOf({ leverage: 1 })).toBeUndefined();
  });

  it('behavior: what is held counts with its own entry and margin', () => {
    // 10 at 100 with 500 of margin, 10 more at 120 with 120: (2200 − 620) / (20 · 0.99) = 79.79…
    expect(distanceOf({ entry: exact(120), held: held() })).toBe('40.20202');
    expect(distanceOf({ entry: exact(120), held: held(), direction: 'short' })).toBe('19.60396');
  });

  it('default: the leverage of the tier that the whole notional falls in, its border included', () => {
    const most = (size: number, changes: Partial<PlannedPosition> = {}) =>
      tierLeverage(plan({ tiers: three, ...changes }), exact(size));
    expect([most(199), most(200), most(999), most(1_000)]).toEqual([40, 20, 20, 5]);
    // 1,100 of what is held at its mark.
    expect([most(188, { held: held() }), most(189, { held: held() })]).toEqual([40, 20]);
    expect(() => most(1, { tiers: [tier(500, 9, '0.1', 0)] })).toThrow(
      expect.objectContaining({ code: 'margin-tiers.invalid' }),
    );
  });

  it('behavior: the quick answer is always the exact one', () => {
    fc.assert(
      fc.property(
        fc.record({
          direction: fc.constantFrom('long', 'short'),
          entry: fc.integer({ min: 10, max: 1_000 }),
          notional: fc.integer({ min: 100, max: 400_000 }),
          leverage: fc.integer({ min: 1, max: 60 }),
          tiers: fc.constantFrom(one, three, jump),
          own: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined, freq: 3 }),
          thousandths: fc.integer({ min: 0, max: 1_200 }),
        }),
        ({ direction, entry, leverage, notional, own, thousandths, tiers }) => {
          const size = exact(notional).dividedBy(entry).toDecimalPlaces(4, 'up');
          const before =
            own === undefined
              ? undefined
              : held({
                  ...{ direction, entryPrice: toPrice(entry), margin: toUsd(own / 5) },
                  size: toSize(exact(own).dividedBy(entry).toDecimalPlaces(4, 'up').toFixed()),
                });
          const given: PlannedPosition = { direction, entry: exact(entry), leverage, tiers, held: before };
          const distance = liquidationDistance(given, size);
          const hair = exact('0.0000000001');
          const random = exact(entry).times(thousandths).dividedBy(1_000);
          for (const least of distance === undefined ? [random] : [random, distance, distance.plus(hair)])
            expect(keepsDistance(given, size, least)).toBe(
              distance === undefined || distance.greaterThanOrEqualTo(least),
            );
        },
      ),
      { numRuns: 400, seed: 7 },
    );
  });
});

describe('the leverage of a plan', () => {
  const instrument = anInstrument({ marginTiers: three });

  it('default: whole numbers from the least of all limits down', () => {
    expect(highestLeverage(12, instrument, undefined)).toBe(12);
    expect(highestLeverage(50, instrument, undefined)).toBe(40);
    expect(highestLeverage(12, instrument, held({ leverage: 7 }))).toBe(7);
    expect(highestLeverage(3.9, instrument, undefined)).toBe(3);
    expect(highestLeverage(0.5, instrument, undefined)).toBe(0.5);
    expect(highestLeverage(9, anInstrument({ marginTiers: [] }), undefined)).toBe(9);
    expect(leverageCandidates(3.9, instrument, undefined)).toEqual([3, 2, 1]);
    expect(leverageCandidates(1, instrument, undefined)).toEqual([1]);
    expect(leverageCandidates(0.5, instrument, undefined)).toEqual([0.5]);
  });

  it('default: the fitting ones are the lower ones', () => {
    const candidates = [5, 4, 3, 2, 1];
    for (const most of [9, 5, 4, 3, 2, 1, 0])
      expect(fittingLeverages(candidates, (leverage) => leverage <= most)).toEqual(
        candidates.filter((leverage) => leverage <= most),
      );
    // By halving: not each is asked.
    let asked = 0;
    fittingLeverages(
      Array.from({ length: 64 }, (_, index) => 64 - index),
      () => {
        asked += 1;
        return true;
      },
    );
    expect(asked).toBeLessThanOrEqual(7);
  });

  it('default: fits where the tier allows it and liquidation is one and a half stops away', () => {
    // Liquidation 9.0909… away is room for stops of 6.0606….
    expect(leverageFits(plan(), exact(10), exact('6.06'))).toBe(true);
    expect(leverageFits(plan(), exact(10), exact('6.07'))).toBe(false);
    expect(leverageFits(plan({ tiers: three, leverage: 20 }), exact(999), exact('0.1'))).toBe(true);
    expect(leverageFits(plan({ tiers: three, leverage: 20 }), exact(1_000), exact('0.1'))).toBe(false);
  });

  it('default: the largest size whose tier allows the leverage, in whole lots', () => {
    const most = (changes: Partial<PlannedPosition>, wanted = 5_000, smallest = 1, lot = '0.7', stop = '0.1') => {
      const size = largestFitting(
        ...[plan({ tiers: three, ...changes }), exact(wanted), exact(smallest), exact(lot), exact(stop)],
      );
      return size && show(size);
    };
    // Below 100,000: 999.6 is 1,428 lots of 0.7, one more is 1,000.3.
    expect(most({ leverage: 20 })).toBe('999.6');
    // Below 20,000: 199.5 is 285 lots.
    expect(most({ leverage: 21 })).toBe('199.5');
    expect(most({ leverage: 20 }, 500)).toBe('500');
    expect(most({ leverage: 5 })).toBe('5000');
    // Less what is held: 1,100 at its mark.
    expect(most({ leverage: 21, held: held({ leverage: 21 }) })).toBe('188.3');
    // Liquidation comes nearer in the higher tier: the largest that keeps its distance is found by halving.
    const kept = Number(most({ leverage: 10 }, 900, 1, '1', '5'));
    expect(leverageFits(plan({ tiers: three, leverage: 10 }), exact(kept), exact(5))).toBe(true);
    expect(leverageFits(plan({ tiers: three, leverage: 10 }), exact(kept + 1), exact(5))).toBe(false);
    expect(kept).toBeGreaterThan(199);
    expect(kept).toBeLessThan(900);
    // Not even the smallest.
    expect(most({ leverage: 21 }, 5_000, 250)).toBeUndefined();
    expect(most({ leverage: 10 }, 900, 1, '1', '7')).toBeUndefined();
  });
});
