import { describe, expect, it } from 'vitest';
import { fromLogOdds, logOdds } from './log-odds.ts';

describe('logOdds', () => {
  it('default: there and back again', () => {
    expect(logOdds(0.5)).toBe(0);
    expect(logOdds(0.8)).toBeCloseTo(Math.log(4), 12);
    for (const p of [0.001, 0.03, 0.5, 0.97, 0.999]) expect(fromLogOdds(logOdds(p))).toBeCloseTo(p, 12);
  });

  it('behavior: certainty is kept finite, and far odds stay probabilities', () => {
    expect(logOdds(0)).toBeCloseTo(-Math.log(999), 12);
    expect(logOdds(1)).toBeCloseTo(Math.log(999), 12);
    expect(fromLogOdds(-800)).toBeGreaterThanOrEqual(0);
    expect(fromLogOdds(800)).toBe(1);
  });
});
