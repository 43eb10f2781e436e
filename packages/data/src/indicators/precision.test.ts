// What a wild stretch leaves behind: prices near 100,000 that move by thousands, then stand with a deviation of 0.01.
import { Decimal, SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { cci } from './cci.ts';
import { correlation } from './correlation.ts';
import { fundingStatistics } from './funding-statistics.ts';
import { linearRegression } from './linear-regression.ts';
import { openInterestStatistics } from './open-interest-statistics.ts';
import { vwapBands } from './vwap-bands.ts';
import { vwma } from './vwma.ts';
import { wma } from './wma.ts';
import { zScore } from './z-score.ts';

const wild = 500;
const length = 620;
const random = new SeededRandom('precision');

/** A normal variate (Box and Muller, 1958). */
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
const series = (): Float64Array =>
  Float64Array.from({ length }, (_, i) => 100_000 + normal() * (i < wild ? 10_000 : 0.01));

const values = series();
const benchmark = series();
const bars = { high: values, low: values, close: values, volume: new Float64Array(length).fill(3) };

type Window = readonly Decimal[];

const windowOf = (column: Float64Array, row: number, period: number): Window =>
  [...column.subarray(row + 1 - period, row + 1)].map((value) => new Decimal(value));
const sum = (window: Window): Decimal => window.reduce((total, value) => total.plus(value), new Decimal(0));
const mean = (window: Window): Decimal => sum(window).div(window.length);
const centred = (window: Window): Window => window.map((value) => value.minus(mean(window)));
const dot = (a: Window, b: Window): Decimal => sum(a.map((value, k) => value.times(b[k] ?? 0)));
const deviation = (window: Window): Decimal => dot(centred(window), centred(window)).div(window.length).sqrt();
const last = (window: Window): Decimal => window.at(-1) ?? new Decimal(0);
const score = (window: Window): Decimal => last(centred(window)).div(deviation(window));
const places = (period: number): Window =>
  Array.from({ length: period }, (_, k) => new Decimal(k).minus((period - 1) / 2));
const slope = (window: Window): Decimal =>
  dot(window, places(window.length)).div(dot(places(window.length), places(window.length)));

/** The largest error over the quiet rows whose windows lie in the quiet stretch, in 40 digits. */
function worst(ours: Float64Array, period: number, exact: (window: Window, row: number) => Decimal, scale = 0): number {
  let error = 0;
  for (let row = wild + 60; row < length; row += 1) {
    const expected = exact(windowOf(values, row, period), row).toNumber();
    error = Math.max(error, Math.abs((ours[row] ?? Number.NaN) - expected) / (scale || Math.abs(expected)));
  }
  return error;
}

describe('a quiet stretch after a wild one', () => {
  // Scores are of the order of 1, and what is left of a price's last digit is 1e-11 / 0.01 of them.
  it('behavior: z-scores within 1e-8', () => {
    expect(worst(zScore(values), 20, score, 1)).toBeLessThan(1e-8);
    expect(worst(fundingStatistics(values, { period: 20 }).zScore, 20, score, 1)).toBeLessThan(1e-8);
    expect(worst(openInterestStatistics(values).zScore, 20, score, 1)).toBeLessThan(1e-8);
  });

  it('behavior: regression slope within 1e-10 of its deviation, line within 1e-10, r² within 1e-8', () => {
    const ours = linearRegression(values, { period: 14 });
    expect(worst(ours.slope, 14, slope, 0.01)).toBeLessThan(1e-10);
    expect(worst(ours.value, 14, (w) => mean(w).plus(slope(w).times(6.5)))).toBeLessThan(1e-15);
    expect(worst(ours.intercept, 14, (w) => mean(w).minus(slope(w).times(6.5)))).toBeLessThan(1e-15);
    const explained = (w: Window): Decimal =>
      slope(w)
        .pow(2)
        .times(dot(places(14), places(14)))
        .div(dot(centred(w), centred(w)));
    expect(worst(ours.rSquared, 14, explained, 1)).toBeLessThan(1e-8);
  });

  it('behavior: CCI within 1e-8 of its scale', () => {
    const exact = (w: Window): Decimal => {
      const spread = sum(centred(w).map((value) => value.abs())).div(w.length);
      return last(centred(w)).div(spread.times(0.015));
    };
    // The typical price of three equal prices may be one digit off them: 1.5e-11 of 0.015 · 0.008.
    expect(worst(cci(bars), 20, exact, 100)).toBeLessThan(1e-8);
  });

  it('behavior: correlation within 1e-8, beta within 1e-6 %', () => {
    const ours = correlation({ values, benchmark });
    const others = (row: number): Window => centred(windowOf(benchmark, row, 20));
    const r = (w: Window, row: number): Decimal =>
      dot(centred(w), others(row)).div(
        dot(centred(w), centred(w))
          .times(dot(others(row), others(row)))
          .sqrt(),
      );
    expect(worst(ours.correlation, 20, r, 1)).toBeLessThan(1e-8);
    const beta = (w: Window, row: number): Decimal => dot(centred(w), others(row)).div(dot(others(row), others(row)));
    expect(worst(ours.beta, 20, beta, 1)).toBeLessThan(1e-8);
  });

  it('behavior: weighted averages to the last digits', () => {
    const weighted = (w: Window): Decimal => sum(w.map((value, k) => value.times(k + 1))).div(210);
    expect(worst(wma(values, { period: 20 }), 20, weighted)).toBeLessThan(1e-15);
    expect(worst(vwma(bars), 20, mean)).toBeLessThan(1e-15);
  });

  it('behavior: the width of VWAP bands anchored in the quiet stretch within 1e-6 %', () => {
    const openAtMs = values.map((_, i) => i * 60_000);
    const { upper, lower } = vwapBands({ ...bars, openAtMs }, { anchorMs: wild * 60_000 });
    const width = deviation(windowOf(values, length - 1, length - wild)).toNumber();
    const ours = ((upper[length - 1] ?? Number.NaN) - (lower[length - 1] ?? Number.NaN)) / 2;
    expect(Math.abs(ours / width - 1)).toBeLessThan(1e-8);
  });
});
