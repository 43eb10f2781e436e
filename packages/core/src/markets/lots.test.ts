import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, Decimal, minus, type Size, toSize } from '../decimal.ts';
import { ceilToLot, floorToLot, isOnLot, sizeFromNumber } from './lots.ts';

const lots = fc.constantFrom('0.001', '0.1', '1', '10', '0.0005', '3').map((lot) => toSize(lot));
const sizes: fc.Arbitrary<Size> = fc
  .bigInt({ min: 0n, max: 10n ** 11n })
  .map((digits) => toSize(new Decimal(digits.toString()).dividedBy(1_000_000)));

describe('lots', () => {
  it('default: floors and ceils', () => {
    expect(floorToLot(toSize('0.001'), toSize('0.12345'))).toBe('0.123');
    expect(ceilToLot(toSize('0.001'), toSize('0.12345'))).toBe('0.124');
    expect(isOnLot(toSize('0.001'), toSize('0.123'))).toBe(true);
    expect(isOnLot(toSize('0.001'), toSize('0.1235'))).toBe(false);
    expect(floorToLot(toSize('10'), toSize('9.99'))).toBe('0');
  });

  it('behavior: idempotent, directional, less than one lot away', () => {
    fc.assert(
      fc.property(lots, sizes, (lot, size) => {
        const down = floorToLot(lot, size);
        const up = ceilToLot(lot, size);
        expect(compare(down, size)).toBeLessThanOrEqual(0);
        expect(compare(up, size)).toBeGreaterThanOrEqual(0);
        expect(compare(minus(up, down), lot)).toBeLessThanOrEqual(0);
        expect(floorToLot(lot, down)).toBe(down);
        expect(ceilToLot(lot, up)).toBe(up);
        expect(isOnLot(lot, size)).toBe(down === up);
      }),
      { numRuns: 1_000, seed: 21 },
    );
  });

  it('behavior: a float is floored without its noise', () => {
    expect(0.7 + 0.1).toBeLessThan(0.8);
    expect(sizeFromNumber(toSize('0.1'), 0.7 + 0.1)).toBe('0.8');
    expect(sizeFromNumber(toSize('0.001'), 1.0019)).toBe('1.001');
  });

  it('error: a lot of zero, a negative or non-finite size', () => {
    expect(() => floorToLot(toSize('0'), toSize('1'))).toThrow(expect.objectContaining({ code: 'lot.invalid' }));
    expect(() => sizeFromNumber(toSize('1'), -1)).toThrow(expect.objectContaining({ code: 'size.negative' }));
    expect(() => sizeFromNumber(toSize('1'), Number.NaN)).toThrow(expect.objectContaining({ code: 'decimal.invalid' }));
  });
});
