import { SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { psar } from './psar.ts';
import { supertrend } from './supertrend.ts';

const length = 3_000;
const random = new SeededRandom('stops');
let price = 100;
const close = Float64Array.from({ length }, () => {
  price *= 1 + (random.next() - 0.5) * 0.03;
  return price;
});
const high = close.map((value) => value * (1 + random.next() * 0.01));
const low = close.map((value) => value * (1 - random.next() * 0.01));
const at = (column: Float64Array, i: number): number => column[i] ?? Number.NaN;

/** Rows in which the trend of the row before goes on, by its way. */
const going = (trend: Float64Array, way: number): readonly number[] =>
  [...trend.keys()].filter((i) => trend[i] === way && trend[i - 1] === way && trend[i - 2] === way);

describe('psar', () => {
  const { value, trend } = psar({ high, low }, { acceleration: 0.2, maximum: 1 });

  it('behavior: never enters the two bars before it while the trend goes on (Wilder, 1978)', () => {
    expect(going(trend, 1).length).toBeGreaterThan(500);
    for (const i of going(trend, 1)) expect(at(value, i)).toBeLessThanOrEqual(Math.min(at(low, i - 1), at(low, i - 2)));
    for (const i of going(trend, -1)) {
      expect(at(value, i)).toBeGreaterThanOrEqual(Math.max(at(high, i - 1), at(high, i - 2)));
    }
  });

  it('behavior: only moves towards the price, and turns in the bar that touches it', () => {
    for (const i of going(trend, 1)) {
      expect(at(value, i)).toBeGreaterThanOrEqual(at(value, i - 1));
      expect(at(low, i)).toBeGreaterThan(at(value, i));
    }
    for (const i of going(trend, -1)) {
      expect(at(value, i)).toBeLessThanOrEqual(at(value, i - 1));
      expect(at(high, i)).toBeLessThan(at(value, i));
    }
  });
});

describe('supertrend', () => {
  const { value, trend } = supertrend({ high, low, close });

  it('behavior: lies on the far side of the close and only moves towards it while the trend goes on', () => {
    for (const i of [...trend.keys()].slice(10)) {
      expect(at(trend, i)).toBe(at(close, i) > at(value, i) ? 1 : -1);
    }
    for (const i of going(trend, 1)) expect(at(value, i)).toBeGreaterThanOrEqual(at(value, i - 1));
    for (const i of going(trend, -1)) expect(at(value, i)).toBeLessThanOrEqual(at(value, i - 1));
  });
});
