import { ValidationError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { Fractals, fractals } from './fractals.ts';
import { ZigZag, zigZag } from './zig-zag.ts';

const column = (...values: readonly number[]): Float64Array => Float64Array.from(values);
const flat = (values: Float64Array) => ({ high: values, low: values, close: values });

describe('zigZag', () => {
  it('default: publishes a swing once the price came back by 5 %, and how far back it lies', () => {
    const { pivot, direction, barsAgo, confirmed } = zigZag(flat(column(100, 104, 110, 108, 104, 103, 106, 109)));
    // 104 is 5.45 % below 110, two rows after it; 109 is 5.8 % above 103, two rows after it.
    expect([...pivot]).toStrictEqual([NaN, NaN, 100, 100, 110, 110, 110, 103]);
    expect([...direction]).toStrictEqual([NaN, NaN, -1, -1, 1, 1, 1, -1]);
    expect([...barsAgo]).toStrictEqual([NaN, NaN, 2, 3, 2, 3, 4, 2]);
    expect([...confirmed]).toStrictEqual([NaN, NaN, 1, 0, 1, 0, 0, 1]);
  });

  it('behavior: highs and lows count, and a bar that makes a new extreme does not confirm it', () => {
    const high = column(100, 110, 120, 115);
    const low = column(99, 105, 100, 114);
    const { pivot, direction, barsAgo } = zigZag({ high, low, close: high });
    // Row 2 falls by 17 % from its own new high: what came first in it nobody knows. Row 3 stands 5 % below that high.
    expect([...pivot]).toStrictEqual([NaN, 99, 99, 120]);
    expect([...direction]).toStrictEqual([NaN, -1, -1, 1]);
    expect([...barsAgo]).toStrictEqual([NaN, 1, 2, 1]);
  });

  it('behavior: each confirmed pivot is the extreme of its leg, and pivots alternate', () => {
    const values = Float64Array.from({ length: 3_000 }, (_, i) => 100 + 20 * Math.sin(i / 7) + 9 * Math.sin(i * 1.7));
    const { pivot, direction, barsAgo, confirmed } = zigZag(flat(values), { percent: 8 });
    const found = [...confirmed].flatMap((flag, i) =>
      flag === 1 ? [{ row: i - (barsAgo[i] ?? 0), at: i, price: pivot[i] ?? 0, way: direction[i] ?? 0 }] : [],
    );
    expect(found.length).toBeGreaterThan(100);
    for (const [k, one] of found.entries()) {
      const before = found[k - 1];
      expect(values[one.row]).toBe(one.price);
      if (before === undefined) continue;
      expect(one.way).toBe(-before.way);
      const leg = values.subarray(before.row, one.at + 1);
      expect(one.price).toBe(one.way > 0 ? Math.max(...leg) : Math.min(...leg));
      expect((one.way * (one.price - (values[one.at] ?? 0))) / one.price).toBeGreaterThanOrEqual(0.08);
    }
  });

  it('error: a percentage outside of 0 to 99', () => {
    for (const percent of [0, -1, 100, Number.NaN]) {
      expect(() => zigZag(flat(column(1)), { percent })).toThrow(ValidationError);
      expect(() => new ZigZag({ percent })).toThrow(ValidationError);
    }
  });
});

describe('fractals', () => {
  it('default: publishes a high two rows after it, and how far back it lies', () => {
    const { high, highBarsAgo, low } = fractals({
      high: column(1, 2, 5, 3, 4, 2, 1),
      low: column(1, 2, 5, 3, 4, 2, 1),
    });
    expect([...high]).toStrictEqual([NaN, NaN, NaN, NaN, 5, 5, 5]);
    expect([...highBarsAgo]).toStrictEqual([NaN, NaN, NaN, NaN, 2, 3, 4]);
    expect([...low].every(Number.isNaN)).toBe(true);
  });

  it('behavior: equal neighbours are no fractal', () => {
    const values = column(1, 5, 5, 1, 0, 0, 1, 2);
    const { high, low } = fractals({ high: values, low: values });
    expect([...high, ...low].every(Number.isNaN)).toBe(true);
  });

  it('behavior: a wider span waits longer', () => {
    const values = column(1, 2, 3, 9, 3, 2, 1, 0);
    expect([...fractals({ high: values, low: values }, { span: 3 }).high]).toStrictEqual([...Array(6).fill(NaN), 9, 9]);
  });

  it('error: a span that is not a whole number from 1', () => {
    expect(() => new Fractals({ span: 0 })).toThrow(ValidationError);
  });
});
