import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  calmarRatio,
  compoundAnnualGrowth,
  expectancy,
  exposure,
  performanceMetrics,
  periodReturns,
  profitFactor,
  sharpeRatio,
  sortinoRatio,
  turnoverPerYear,
  winRate,
  worstDrawdown,
} from './performance-metrics.ts';
import { maxDrawdown } from './statistics.ts';

const day = 86_400_000;
const daily = (...equity: number[]) => ({ atMs: equity.map((_, index) => index * day), equity });
const trade = (netPnl: number, openedAtMs = 0, closedAtMs = 1) => ({ netPnl, openedAtMs, closedAtMs });

describe('performance metrics', () => {
  it('default: by hand', () => {
    const series = daily(100, 103, 101.97, 102.9897);
    // 0.03, −0.01, 0.01: mean 0.01, sample deviation 0.02, root mean square of shortfalls √(0.0001 / 3)
    expect(sharpeRatio(series)).toBeCloseTo(0.5 * Math.sqrt(365), 9);
    expect(sortinoRatio(series)).toBeCloseTo((0.01 / Math.sqrt(0.0001 / 3)) * Math.sqrt(365), 9);
    // 3.65 a year is 0.01 a day: nothing in excess
    expect(sharpeRatio(series, { targetPerYear: 3.65 })).toBeCloseTo(0, 9);
    expect(compoundAnnualGrowth({ atMs: [0, 730 * day], equity: [100, 121] })).toBeCloseTo(0.1, 12);
    expect(worstDrawdown(daily(100, 120, 90, 130, 104, 131))).toEqual({
      fraction: 0.25,
      amount: 30,
      peakAtMs: day,
      troughAtMs: 2 * day,
      recoveredAtMs: 3 * day,
    });
    // A year: growth 0.1, drawdown 0.5
    expect(calmarRatio({ atMs: [0, day, 365 * day], equity: [100, 50, 110] })).toBeCloseTo(0.2, 12);
    const trades = [trade(30), trade(-10), trade(0), trade(-5)];
    expect(winRate(trades)).toBe(0.25);
    expect(profitFactor(trades)).toBe(2);
    expect(expectancy(trades)).toBe(3.75);
    // 400 a day on 100: four times a day
    expect(turnoverPerYear(daily(100, 7), 400)).toBe(4 * 365);
  });

  it('default: all in one, JSON-safe', () => {
    const metrics = performanceMetrics({
      series: daily(100, 110, 99),
      trades: [trade(10, 0, day), trade(-11, day, day + day / 2)],
      tradedNotional: 420,
    });
    expect(metrics).toMatchObject({ fromMs: 0, toMs: 2 * day, trades: 2, winRate: 0.5, exposure: 0.75 });
    expect(metrics.totalReturn).toBeCloseTo(-0.01, 12);
    expect(metrics.turnoverPerYear).toBeCloseTo((420 / 105 / 2) * 365, 9);
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics);
    expect(performanceMetrics({ series: daily(), trades: [], tradedNotional: 0 })).toEqual({ trades: 0 });
  });

  it('behavior: only whole periods count, a period without points carries equity on', () => {
    const half = day / 2;
    expect(
      periodReturns({ atMs: [half, day, day + 1, 3 * day, 4 * day - 1], equity: [1, 100, 105, 110, 999] }),
    ).toEqual([
      // At the end of the second day stands what stood last in it.
      expect.closeTo(0.05, 12),
      expect.closeTo(110 / 105 - 1, 12),
    ]);
    expect(periodReturns({ atMs: [1, day - 1], equity: [1, 2] })).toEqual([]);
    expect(periodReturns({ atMs: [0, half, day], equity: [100, 90, 99] }, { periodMs: half })).toEqual([
      expect.closeTo(-0.1, 12),
      expect.closeTo(0.1, 12),
    ]);
  });

  it('behavior: ruin ends the series', () => {
    expect(periodReturns(daily(100, -50, 20))).toEqual([-1.5]);
    expect(compoundAnnualGrowth(daily(100, -50))).toBe(-1);
    expect(worstDrawdown(daily(100, -50))?.fraction).toBe(1.5);
  });

  it('behavior: overlapping and outlying positions count time once', () => {
    const open = (from: number, to: number) => trade(0, from, to);
    expect(exposure([open(50, 70), open(0, 20), open(10, 30)], { fromMs: 0, toMs: 100 })).toBe(0.5);
    expect(exposure([open(0, 50), open(10, 20), open(30, 45)], { fromMs: 0, toMs: 100 })).toBe(0.5);
    expect(exposure([open(-50, 10), open(90, 500)], { fromMs: 0, toMs: 100 })).toBe(0.2);
    expect(exposure([open(-50, -10)], { fromMs: 0, toMs: 100 })).toBe(0);
    expect(exposure([], { fromMs: 5, toMs: 5 })).toBeUndefined();
  });

  it('behavior: nothing to reckon with is undefined, never NaN or infinite', () => {
    expect([
      winRate([]),
      expectancy([]),
      profitFactor([trade(1)]),
      sharpeRatio(daily(1)),
      sortinoRatio(daily(1, 2)),
    ]).toEqual(Array(5).fill(undefined));
    expect([worstDrawdown(daily(1, 2, 2)), calmarRatio(daily(1, 2)), turnoverPerYear(daily(1), 5)]).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('behavior: the worst drawdown is as deep as statistics says', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 }), (equity) => {
        expect(worstDrawdown(daily(...equity))?.fraction ?? 0).toBe(maxDrawdown(equity));
      }),
    );
  });

  it('error: columns that do not fit, time that goes back, no period', () => {
    expect(() => periodReturns({ atMs: [0], equity: [] })).toThrow('1 instants do not go with 0 equities.');
    expect(() => periodReturns({ atMs: [5, 4], equity: [1, 1] })).toThrow('Instant 4 comes after 5.');
    expect(() => periodReturns(daily(1, 2), { periodMs: 0 })).toThrow(/above zero, got 0/);
  });
});
