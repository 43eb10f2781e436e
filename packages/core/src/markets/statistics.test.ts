import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brierScore, brierSkill, maxDrawdown, mean, median, sharpe, sortino, standardDeviation } from './statistics.ts';

describe('statistics', () => {
  it('default: by hand', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([10, 9, 100])).toBe(10);
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(maxDrawdown([100, 120, 90, 130, 104])).toBe(0.25);
    expect(maxDrawdown([1, 2, 3])).toBe(0);
    // mean 0.01, sample deviation 0.02, a year of 365 periods
    expect(sharpe([0.03, -0.01, 0.01], { periodsPerYear: 365 })).toBeCloseTo(0.5 * Math.sqrt(365), 9);
    // shortfalls: 0, −0.01, 0 → √(0.0001 / 3)
    expect(sortino([0.03, -0.01, 0.01], { periodsPerYear: 1 })).toBeCloseTo(0.01 / Math.sqrt(0.0001 / 3), 9);
  });

  it('default: Brier score and skill by hand', () => {
    const forecasts = [
      { probability: 0.8, occurred: true },
      { probability: 0.3, occurred: false },
      { probability: 0.6, occurred: true },
      { probability: 0.5, occurred: false },
    ];
    // (0.04 + 0.09 + 0.16 + 0.25) / 4; the base rate 0.5 scores 0.25
    expect(brierScore(forecasts)).toBeCloseTo(0.135, 12);
    expect(brierSkill(forecasts)).toBeCloseTo(0.46, 12);
    expect(brierSkill(forecasts, { baseRate: 0.7 })).toBeCloseTo(1 - 0.135 / 0.29, 12);
  });

  it('behavior: the median is the middle of what was sorted, whatever the values and their order', () => {
    const few = fc.array(fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(fc.oneof(few, fc.array(fc.double({ noNaN: true }), { maxLength: 300 })), (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const [lower, upper] = [sorted[(sorted.length - 1) >>> 1], sorted[sorted.length >>> 1]];
        const middle = lower === undefined || upper === undefined || lower === upper ? upper : (lower + upper) / 2;
        // Infinities on both sides of the middle have no mean.
        expect((median(values) ?? Number.NaN) + 0).toBe((middle ?? Number.NaN) + 0);
      }),
    );
  });

  it('behavior: the median of few is not mixed up with the many before it', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => -((3 * index) % 1_001));
    const full = Array.from({ length: 512 }, (_, index) => -((5 * index) % 512));
    expect([median(many), median([1, 2, 4]), median(full), median([7])]).toEqual([-500, 2, -255.5, 7]);
    expect([median([Number.NaN, 3, 1]), median([2, Number.NaN, 1, 3]), median([9, 8])]).toEqual([3, 2.5, 8.5]);
  });

  it('behavior: nothing to reckon with is undefined, never NaN', () => {
    expect([mean([]), median([]), standardDeviation([1]), brierScore([]), brierSkill([])]).toEqual(
      Array(5).fill(undefined),
    );
    expect(sharpe([0.01, 0.01], { periodsPerYear: 365 })).toBeUndefined();
    expect(sortino([0.01, 0.02], { periodsPerYear: 365 })).toBeUndefined();
    expect(brierSkill([{ probability: 0.9, occurred: true }])).toBeUndefined();
    expect(maxDrawdown([])).toBe(0);
  });

  it('behavior: the base rate has no skill against itself, and no forecast beats the truth', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 40 }), (outcomes) => {
        fc.pre(outcomes.includes(true) && outcomes.includes(false));
        const baseRate = outcomes.filter(Boolean).length / outcomes.length;
        const flat = outcomes.map((occurred) => ({ probability: baseRate, occurred }));
        expect(brierSkill(flat)).toBeCloseTo(0, 12);
        expect(brierSkill(outcomes.map((occurred) => ({ probability: occurred ? 1 : 0, occurred })))).toBe(1);
      }),
      { numRuns: 200, seed: 61 },
    );
  });

  it('error: a probability outside [0, 1]', () => {
    for (const probability of [1.1, -0.1, Number.NaN]) {
      expect(() => brierScore([{ probability, occurred: true }])).toThrow(
        expect.objectContaining({ code: 'probability.invalid' }),
      );
    }
  });
});
