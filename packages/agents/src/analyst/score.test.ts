import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentsOf, confidenceOf, directionOf, scoreOf } from './score.ts';

describe('scoreOf', () => {
  it('default: four components add up', () => {
    expect(scoreOf({ a: 25, b: -5, c: 10, d: 0.5 }, 4)).toEqual({ score: 30.5, completeness: 1 });
  });

  it('behavior: two of four count double and are half complete, one of four counts four times', () => {
    expect(scoreOf({ a: 10, b: 12 }, 4)).toEqual({ score: 44, completeness: 0.5 });
    expect(scoreOf({ a: -25 }, 4)).toEqual({ score: -100, completeness: 0.25 });
  });

  it('behavior: an agent of one component or of six reaches the same full score', () => {
    expect(scoreOf({ a: 25 }, 1)).toEqual({ score: 100, completeness: 1 });
    expect(scoreOf({ a: 25, b: 25, c: 25, d: 25, e: 25, f: 25 }, 6)).toEqual({ score: 100, completeness: 1 });
    expect(scoreOf({ a: 10, b: -4, c: 6 }, 6)).toEqual({ score: 16, completeness: 0.5 });
  });

  it('behavior: without any component there is no score', () => {
    expect(scoreOf({}, 4)).toBeUndefined();
  });

  it('behavior: components beyond their bound count as the bound', async () => {
    await fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.double({ noNaN: true }), { minKeys: 1, maxKeys: 4 }), (components) => {
        const score = scoreOf(components, 4)?.score ?? Number.NaN;
        expect(Math.abs(score)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('directionOf', () => {
  it.each([
    [20, 'long'],
    [19.99, 'neutral'],
    [0, 'neutral'],
    [-19.99, 'neutral'],
    [-20, 'short'],
  ] as const)('default: %d is %s', (score, direction) => {
    expect(directionOf(score)).toBe(direction);
  });
});

describe('confidenceOf', () => {
  it.each([
    [20, 1, 0.5],
    [-100, 1, 1],
    [60, 1, 0.75],
    [60, 0.5, 0.75 * 0.85],
    [100, 0.25, 0.775],
  ])('default: a score of %d at completeness %d has confidence %d', (score, completeness, confidence) => {
    expect(confidenceOf({ score, completeness })).toBeCloseTo(confidence, 12);
  });

  it('behavior: neutral is surest at zero', () => {
    expect(confidenceOf({ score: 0, completeness: 1 })).toBe(1);
    expect(confidenceOf({ score: -10, completeness: 1 })).toBe(0.75);
  });
});

describe('componentsOf', () => {
  it('default: shares of a full reading become −25 to 25, absent ones stay absent', () => {
    expect(componentsOf({ a: 0.5, b: -3, c: undefined, d: -0 })).toEqual({ a: 12.5, b: -25, d: 0 });
  });
});
