import { describe, expect, it } from 'vitest';
import { fundingPer8h, fundingPerYear, openInterestQuadrant } from './derivatives.ts';

describe('openInterestQuadrant', () => {
  it.each([
    [1, 1, 'new-longs'],
    [1, -1, 'new-shorts'],
    [-1, 1, 'short-covering'],
    [-1, -1, 'capitulation'],
    [0.05, 1, 'flat'],
    [1, 0.01, 'flat'],
  ] as const)('behavior: open interest %d %% and price %d %% are %s', (interest, price, quadrant) => {
    expect(openInterestQuadrant(interest, price)).toBe(quadrant);
  });
});

describe('funding rates', () => {
  it('default: 0.01 % each eight hours is 10.95 % a year, and the same as an eighth of it each hour', () => {
    for (const rate of [
      { rate: 0.0001, intervalMs: 8 * 3_600_000 },
      { rate: 0.0000125, intervalMs: 3_600_000 },
    ]) {
      expect(fundingPer8h(rate)).toBeCloseTo(0.0001, 15);
      expect(fundingPerYear(rate)).toBeCloseTo(0.1095, 12);
    }
  });
});
