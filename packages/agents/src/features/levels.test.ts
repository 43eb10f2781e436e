import { describe, expect, it } from 'vitest';
import { seriesOf } from '../testing/series.ts';
import { findLevels, nearestLevel } from './levels.ts';
import { findSwings } from './swings.ts';

const closes = [100, 102, 110, 104, 100, 98, 103, 105, 110.2, 104, 101, 99, 102, 104, 105];
const series = seriesOf(closes);
const source = { series, swings: findSwings(series), weight: 1 };
const options = { tolerance: 1, price: 105, perSide: 3 };

describe('findLevels', () => {
  it('default: gathers near swings to one level, support below the price and resistance above', () => {
    const levels = findLevels([source], options);
    expect(levels.map(({ kind, price }) => [kind, price])).toEqual([
      ['support', 98.5],
      ['resistance', 110.1],
    ]);
    expect(nearestLevel(levels, 'resistance')?.price).toBe(110.1);
  });

  it('behavior: a level touched on more timeframes is stronger, and never beyond 1', () => {
    const once = findLevels([source], options);
    const often = findLevels([source, { ...source, weight: 2 }, { ...source, weight: 2 }], options);
    expect(often[0]?.strength).toBeGreaterThan(once[0]?.strength ?? 1);
    for (const level of often) expect(level.strength).toBeLessThanOrEqual(1);
  });

  it('behavior: keeps the nearest of a side', () => {
    const levels = findLevels([source], { ...options, tolerance: 0.1, perSide: 1 });
    expect(levels.map((level) => level.price)).toEqual([99, 110]);
  });

  it('behavior: no swings, no levels', () => {
    expect(findLevels([{ ...source, swings: [] }], options)).toEqual([]);
  });
});
