import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeatureSet, roundSignificant } from './feature-set.ts';

describe('FeatureSet', () => {
  it('default: finite numbers by name, in the order they came', () => {
    const features = new FeatureSet().set('b', 1 / 3).merge('a', { x: 2, y: Number.NaN });
    features.take(new FeatureSet().set('c', -0).set('b', 4)).set('none', undefined);
    expect(Object.entries(features.values())).toEqual([
      ['b', 4],
      ['a.x', 2],
      ['c', 0],
    ]);
    expect([features.get('a.x'), features.has('a.y'), features.isEmpty]).toEqual([2, false, false]);
    expect(new FeatureSet().set('none', Number.POSITIVE_INFINITY).isEmpty).toBe(true);
  });

  it('behavior: what is added later is not in what was given, nor in what was taken', () => {
    const taken = new FeatureSet().set('a', 1);
    const features = new FeatureSet().take(taken);
    const given = features.values();
    features.set('a', 2).set('b', 3);
    expect([given, taken.values(), features.values()]).toEqual([{ a: 1 }, { a: 1 }, { a: 2, b: 3 }]);
  });
});

describe('roundSignificant', () => {
  const byDigits = (value: number): number => Number(value.toPrecision(8)) + 0;
  const same = (value: number): void => {
    expect(roundSignificant(value)).toBe(
      Number.isInteger(value) && Math.abs(value) < 1e8 ? value + 0 : byDigits(value),
    );
  };

  it('default: what the digits say', () => {
    expect([1 / 3, -2 / 3, 61_234.567_89, 0.000_123_456_784, 123_456_789.5, -0].map(roundSignificant)).toEqual([
      0.333_333_33, -0.666_666_67, 61_234.568, 0.000_123_456_78, 123_456_790, 0,
    ]);
  });

  it('behavior: of any number, of ties, of what is a hair beside them and beside powers of ten', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), same), { numRuns: 2_000 });
    const exponent = fc.integer({ min: -24, max: 12 });
    const digits = fc.integer({ min: 10_000_000, max: 99_999_999 });
    const hair = fc.constantFrom(-1e-15, -2e-16, 0, 2e-16, 1e-15);
    fc.assert(
      fc.property(digits, exponent, hair, fc.boolean(), (whole, power, by, isTie) => {
        same(Number(`${whole}${isTie ? '.5' : ''}e${power}`) * (1 + by));
        same(-Number(`1e${power}`) * (1 + by));
      }),
      { numRuns: 5_000 },
    );
  });
});
