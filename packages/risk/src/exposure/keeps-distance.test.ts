import { type MarginTier, toRate, toUsd } from '@perpdesk/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exact } from '../exact/exact.ts';
import { aPosition } from '../testing/fixtures.ts';
import { keepsDistance, liquidationDistance, type PlannedPosition } from './liquidation-distance.ts';

const tier = (from: number, rate: number, deduction: number): MarginTier => ({
  notionalFrom: toUsd(from),
  maxLeverage: 100,
  maintenanceMarginRate: toRate(rate),
  maintenanceDeduction: toUsd(deduction),
});
/** The last has jumps: 1,000 more at 50,000. */
const tables = [
  [tier(0, 0.0125, 0)],
  [tier(0, 0.01, 0), tier(20_000, 0.05, 800), tier(100_000, 0.1, 5_800)],
  [tier(0, 0.01, 0), tier(50_000, 0.03, 0), tier(200_000, 0.1, 0)],
];

it('default: sure without a division, or by the liquidation price: always the same answer', () => {
  let near = 0;
  fc.assert(
    fc.property(
      fc.record({
        long: fc.boolean(),
        entry: fc.integer({ min: 10, max: 100_000 }),
        notional: fc.integer({ min: 100, max: 400_000 }),
        leverage: fc.integer({ min: 1, max: 60 }),
        tiers: fc.constantFrom(...tables),
        held: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined, freq: 3 }),
        thousandths: fc.integer({ min: 0, max: 1_200 }),
      }),
      ({ long, entry, notional, leverage, tiers, held, thousandths }) => {
        const direction = long ? 'long' : 'short';
        const size = exact(notional).dividedBy(entry).toDecimalPlaces(4, 'up');
        const plan: PlannedPosition = {
          direction,
          entry: exact(entry),
          leverage,
          tiers,
          held:
            held === undefined
              ? undefined
              : aPosition({
                  direction,
                  entryPrice: String(entry) as never,
                  size: exact(held).dividedBy(entry).toDecimalPlaces(4, 'up').toFixed() as never,
                  margin: toUsd(held / 5),
                }),
        };
        const distance = liquidationDistance(plan, size);
        const random = exact(entry).times(thousandths).dividedBy(1_000);
        const hair = exact('0.0000000001');
        for (const least of [random, ...(distance === undefined ? [] : [distance, distance.plus(hair)])]) {
          const holds = distance === undefined || distance.greaterThanOrEqualTo(least);
          if (least !== random) near += 1;
          expect(keepsDistance(plan, size, least)).toBe(holds);
        }
      },
    ),
    { numRuns: 10_000, seed: 303 },
  );
  expect(near).toBeGreaterThan(10_000);
});
