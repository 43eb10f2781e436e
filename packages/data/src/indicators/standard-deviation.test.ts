import { Decimal, SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { bollinger } from './bollinger.ts';
import { sma } from './sma.ts';
import { standardDeviation } from './standard-deviation.ts';

/** A normal variate (Box and Muller, 1958). */
const normal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** A price near 100,000 that moves by thousands, then stands with a deviation of 0.01. */
function wildThenQuiet(wild: number, quiet: number): Float64Array {
  const random = new SeededRandom('wild then quiet');
  return Float64Array.from({ length: wild + quiet }, (_, i) => 100_000 + normal(random) * (i < wild ? 10_000 : 0.01));
}

/** The deviation of a window, two passes in 40 digits. */
function exactDeviation(window: Float64Array): number {
  const mean = window.reduce((total, value) => total.plus(value), new Decimal(0)).div(window.length);
  const squares = window.reduce((total, value) => total.plus(new Decimal(value).minus(mean).pow(2)), new Decimal(0));
  return squares.div(window.length).sqrt().toNumber();
}

describe('standardDeviation', () => {
  it('default: population deviation of the window', () => {
    const { mean, deviation } = standardDeviation(Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9, 9), { period: 8 });
    expect([...mean]).toStrictEqual([...Array(7).fill(Number.NaN), 5, 5.875]);
    expect(deviation[7]).toBe(2);
    expect(deviation[8]).toBeCloseTo(Math.sqrt(4.109375), 14);
  });

  it.each([20, 7, 200])(
    'behavior: period %i: within 1e-6 % where a wild stretch is followed by a quiet one',
    (period) => {
      const values = wildThenQuiet(2_000, 1_000);
      const { deviation } = standardDeviation(values, { period });
      let worst = 0;
      for (let row = 2_000 + period - 1; row < values.length; row += 1) {
        const exact = exactDeviation(values.subarray(row - period + 1, row + 1));
        worst = Math.max(worst, Math.abs((deviation[row] ?? Number.NaN) / exact - 1));
      }
      expect(worst * 100).toBeLessThan(1e-6);
    },
  );

  it('behavior: Bollinger bands of the same series lie within 1e-9 of two deviations', () => {
    const values = wildThenQuiet(2_000, 200);
    const { upper, lower } = bollinger(values);
    for (let row = 2_019; row < values.length; row += 1) {
      const exact = exactDeviation(values.subarray(row - 19, row + 1));
      expect(Math.abs(((upper[row] ?? Number.NaN) - (lower[row] ?? Number.NaN)) / (4 * exact) - 1)).toBeLessThan(1e-8);
    }
  });

  it('behavior: a huge value leaves no error behind in an average', () => {
    const values = new Float64Array(100).fill(0.1);
    values[30] = 1e17;
    expect(sma(values, { period: 5 })[40]).toBeCloseTo(0.1, 15);
  });
});
