import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rollingMeanSize, runRollingMean } from './rolling-mean.ts';
import { deviationStateSize, runDeviation } from './standard-deviation.ts';

/** Stretches of prices, quiet or wild, of any height, with a spike here and there: what running sums lose digits on. */
const values = fc
  .array(
    fc.record({
      level: fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      width: fc.constantFrom(1e-6, 1e-3, 0.1, 0.5),
      spike: fc.constantFrom(1, 1, 1, 1, 1e3, 1e9),
      steps: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((stretches) =>
    Float64Array.from(
      stretches.flatMap(({ level, width, spike, steps }) =>
        steps.map((step, i) => (i === 7 ? spike : 1) * level * (1 + width * step)),
      ),
    ),
  );

const windowsOf = (column: Float64Array, period: number): readonly Float64Array[] =>
  Array.from({ length: Math.max(0, column.length - period + 1) }, (_, i) => column.subarray(i, i + period));

describe('runRollingMean and runDeviation', () => {
  it('behavior: within 1e-11 of the window summed anew, whatever has left it', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(2, 5, 20), (column, period) => {
        const out = new Float64Array(column.length);
        runRollingMean(new Float64Array(rollingMeanSize(period)), period, column, out, 0, column.length);
        windowsOf(column, period).forEach((window, i) => {
          const mean = window.reduce((sum, value) => sum + value, 0) / period;
          expect(Math.abs((out[i + period - 1] ?? Number.NaN) / mean - 1)).toBeLessThan(1e-11);
        });
      }),
    );
  });

  it('behavior: the deviation within 1e-8 of that of the window, or of the last place of its prices', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(2, 5, 20), (column, period) => {
        const [means, deviations] = [new Float64Array(column.length), new Float64Array(column.length)];
        runDeviation(new Float64Array(deviationStateSize(period)), period, column, means, deviations, 0, column.length);
        windowsOf(column, period).forEach((window, i) => {
          const mean = window.reduce((sum, value) => sum + (value - (window[0] ?? 0)), 0) / period + (window[0] ?? 0);
          const exact = Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / period);
          const error = Math.abs((deviations[i + period - 1] ?? Number.NaN) - exact);
          expect(error).toBeLessThanOrEqual(1e-8 * exact + 1e-15 * Math.abs(mean));
        });
      }),
    );
  });

  it('behavior: into its own column as into another', () => {
    fc.assert(
      fc.property(values, (column) => {
        const [apart, means, deviations] = Array.from({ length: 3 }, () => new Float64Array(column.length)) as [
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const own = column.slice();
        runRollingMean(new Float64Array(rollingMeanSize(5)), 5, column, apart, 0, column.length);
        runRollingMean(new Float64Array(rollingMeanSize(5)), 5, own, own, 0, column.length);
        expect(own).toStrictEqual(apart);
        own.set(column);
        runDeviation(new Float64Array(deviationStateSize(5)), 5, column, means, deviations, 0, column.length);
        runDeviation(new Float64Array(deviationStateSize(5)), 5, own, own, apart, 0, column.length);
        expect([own, apart]).toStrictEqual([means, deviations]);
      }),
    );
  });

  it('behavior: sums beyond all numbers are none, and what comes after them is as ever', () => {
    const column = Float64Array.of(1, 2, 1.7e308, 1.7e308, 1.7e308, 4, 5, 6, 7, 8, 9);
    const out = new Float64Array(column.length);
    const deviations = new Float64Array(column.length);
    runRollingMean(new Float64Array(rollingMeanSize(3)), 3, column, out, 0, column.length);
    expect([...out]).toStrictEqual([
      ...Array(2).fill(Number.NaN),
      1.7e308 * (1 / 3),
      ...Array(2).fill(Number.NaN),
      Number.NaN,
      1.7e308 * (1 / 3),
      5,
      6,
      7,
      8,
    ]);
    runDeviation(new Float64Array(deviationStateSize(3)), 3, column, out, deviations, 0, column.length);
    for (const deviation of deviations.subarray(7)) expect(deviation).toBeCloseTo(Math.sqrt(2 / 3), 14);
    const nothing = Array(4).fill(Number.NaN);
    expect([...deviations.subarray(0, 7)]).toStrictEqual([...nothing, 0, Number.NaN, Number.NaN]);
  });
});
