import { describe, expect, it } from 'vitest';
import { robustZ } from './robust-z.ts';

describe('robustZ', () => {
  it('default: 0.6745 · (x − median) / MAD', () => {
    // Median 3, distances 2 1 0 1 2, MAD 1.
    expect(robustZ(7, [1, 2, 3, 4, 5], 5)).toBeCloseTo(0.6745 * 4, 12);
  });

  it('behavior: outliers among the others hardly move it, where a z-score would lose sight', () => {
    const usual = Array.from({ length: 30 }, (_, i) => 10 + (i % 5));
    const clean = robustZ(30, usual, 24);
    const spoiled = robustZ(30, [...usual, 1e9, 1e9], 24);
    expect(clean).toBeCloseTo(0.6745 * 18, 9);
    expect(spoiled).toBeCloseTo(0.6745 * 18, 9);
  });

  it('behavior: by the mean distance where half of them are equal, undefined where all are or too few', () => {
    expect(robustZ(2, [1, 1, 1, 1, 3], 5)).toBeCloseTo(1 / (1.253314 * 0.4), 12);
    expect(robustZ(2, [1, 1, 1, 1, 1], 5)).toBeUndefined();
    expect(robustZ(2, [1, 2, 3], 4)).toBeUndefined();
    expect(robustZ(2, [], 0)).toBeUndefined();
  });
});
