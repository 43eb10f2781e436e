import { ValidationError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { AnchoredVwap, anchoredVwap } from './anchored-vwap.ts';
import { PivotPoints, pivotPoints } from './pivot-points.ts';
import { VwapBands, vwapBands } from './vwap-bands.ts';

const dayMs = 86_400_000;

/** Bars every six hours from `first` (in quarters of a day since 2026-01-01). */
function bars(first: number, prices: readonly (readonly [high: number, low: number, close: number])[]) {
  const column = (read: (i: number) => number): Float64Array =>
    Float64Array.from({ length: prices.length }, (_, i) => read(i));
  return {
    openAtMs: column((i) => Date.UTC(2026, 0, 1) + ((first + i) * dayMs) / 4),
    high: column((i) => prices[i]?.[0] ?? 0),
    low: column((i) => prices[i]?.[1] ?? 0),
    close: column((i) => prices[i]?.[2] ?? 0),
    volume: column(() => 1),
  };
}

const day = [
  [110, 100, 105],
  [120, 101, 119],
  [118, 95, 96],
  [104, 96, 102],
] as const;

describe('pivotPoints', () => {
  it('default: classic levels of the day before, all through the day', () => {
    const { pivot, resistance, support } = pivotPoints(bars(0, [...day, [103, 101, 102], [200, 50, 100]]));
    // High 120, low 95, close 102.
    const centre = (120 + 95 + 102) / 3;
    expect([...pivot]).toStrictEqual([NaN, NaN, NaN, NaN, centre, centre]);
    expect(resistance.map((level) => level[5])).toStrictEqual([2 * centre - 95, centre + 25, 2 * centre + 120 - 190]);
    expect(support.map((level) => level[5])).toStrictEqual([2 * centre - 120, centre - 25, 2 * centre + 95 - 240]);
  });

  it('behavior: Fibonacci and Camarilla levels', () => {
    const columns = bars(0, [...day, [103, 101, 102]]);
    const centre = (120 + 95 + 102) / 3;
    const fibonacci = pivotPoints(columns, { kind: 'fibonacci' });
    expect(fibonacci.resistance.map((level) => level[4])).toStrictEqual([
      centre + 25 * 0.382,
      centre + 25 * 0.618,
      centre + 25,
    ]);
    const camarilla = pivotPoints(columns, { kind: 'camarilla' });
    const levels = [1.1 / 12, 1.1 / 6, 1.1 / 4, 1.1 / 2];
    expect(camarilla.resistance.map((level) => level[4])).toStrictEqual(levels.map((share) => 102 + 25 * share));
    expect(camarilla.support.map((level) => level[4])).toStrictEqual(levels.map((share) => 102 - 25 * share));
  });

  it('behavior: a day that the data enters after its beginning gives no levels', () => {
    const { pivot } = pivotPoints(bars(2, [...day, [103, 101, 102], [103, 101, 102], [103, 101, 102]]));
    // Rows 0 and 1 are the rest of the first day, rows 2 to 5 the second, row 6 the third.
    expect([...pivot].map(Number.isFinite)).toStrictEqual([false, false, false, false, false, false, true]);
  });

  it('behavior: after a day without bars the last one with bars counts', () => {
    const columns = bars(0, [...day, [103, 101, 102]]);
    columns.openAtMs[4] = Date.UTC(2026, 0, 5);
    expect(pivotPoints(columns).pivot[4]).toBe((120 + 95 + 102) / 3);
  });

  it('error: an unknown kind, a session that is not whole milliseconds', () => {
    // @ts-expect-error: plain JavaScript may pass any name.
    expect(() => new PivotPoints({ kind: 'woodie' })).toThrow(ValidationError);
    expect(() => new PivotPoints({ sessionMs: 0 })).toThrow(ValidationError);
  });
});

describe('vwapBands and anchoredVwap', () => {
  const flat = (...prices: readonly number[]) => prices.map((price) => [price, price, price] as const);

  it('default: begins anew with the day; the bands lie one weighted deviation away', () => {
    const columns = bars(0, flat(10, 20, 30, 40, 50, 60));
    columns.volume.set([1, 1, 0, 2, 1, 3]);
    const { upper, vwap, lower } = vwapBands(columns);
    expect([...vwap]).toStrictEqual([10, 15, 15, 27.5, 50, 57.5]);
    expect((upper[3] ?? 0) - 27.5).toBeCloseTo(Math.sqrt((17.5 ** 2 + 7.5 ** 2 + 2 * 12.5 ** 2) / 4), 12);
    expect(27.5 - (lower[3] ?? 0)).toBeCloseTo((upper[3] ?? 0) - 27.5, 12);
    expect(upper[4]).toBe(50);
  });

  it('behavior: an anchor counts from its bar on, over days', () => {
    const columns = bars(0, flat(10, 20, 30, 40, 50, 60));
    const anchorMs = columns.openAtMs[3] ?? 0;
    expect([...anchoredVwap(columns, { anchorMs: anchorMs - 1 })]).toStrictEqual([NaN, NaN, NaN, 40, 45, 50]);
    expect([...vwapBands(columns, { anchorMs }).vwap]).toStrictEqual([NaN, NaN, NaN, 40, 45, 50]);
  });

  it('behavior: nothing traded, no price', () => {
    const columns = bars(0, flat(10, 20));
    columns.volume.fill(0);
    expect([...vwapBands(columns).vwap, ...anchoredVwap(columns, { anchorMs: 0 })].every(Number.isNaN)).toBe(true);
  });

  it('error: options out of range', () => {
    expect(() => new VwapBands({ deviations: 0 })).toThrow(ValidationError);
    expect(() => new VwapBands({ sessionMs: 1.5 })).toThrow(ValidationError);
    expect(() => new VwapBands({ anchorMs: Number.NaN })).toThrow(ValidationError);
    expect(() => new AnchoredVwap({ anchorMs: Number.NaN })).toThrow(ValidationError);
  });
});
