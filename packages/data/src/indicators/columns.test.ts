import { ValidationError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { areApart, outputColumns } from './columns.ts';
import { macd } from './macd.ts';

describe('outputColumns', () => {
  it('default: new columns lie one after the other in one buffer', () => {
    const column = outputColumns(3, 2);
    const [first, second] = [column(), column()];
    expect([first.length, second.length]).toStrictEqual([3, 3]);
    expect([first.byteOffset, second.byteOffset]).toStrictEqual([0, 24]);
    expect(second.buffer).toBe(first.buffer);
    expect(first.buffer.byteLength).toBe(48);
    expect(outputColumns(0, 2)()).toHaveLength(0);
  });

  it("behavior: the caller's are taken, each for itself, and may be longer", () => {
    const own = new Float64Array(5);
    const column = outputColumns(3, 2);
    expect(column(own)).toBe(own);
    expect(column()).toHaveLength(3);
    expect(() => column(new Float64Array(2))).toThrow(ValidationError);
  });

  it('behavior: results are those of columns of their own', () => {
    const values = Float64Array.from({ length: 90 }, (_, i) => 100 + Math.sin(i) * i);
    const own = { macd: new Float64Array(90), signal: new Float64Array(90), histogram: new Float64Array(90) };
    expect(macd(values)).toStrictEqual(macd(values, {}, own));
    // What one indicator gave may be what the next one reads, in one buffer with others.
    expect(macd(macd(values).histogram)).toStrictEqual(macd(own.histogram));
  });
});

describe('areApart', () => {
  const buffer = new ArrayBuffer(80);
  const part = (from: number, length: number) => new Float64Array(buffer, from * 8, length);

  it('default: parts of one buffer are apart where they do not overlap', () => {
    expect(areApart([part(0, 5)], [part(5, 5)])).toBe(true);
    expect(areApart([part(5, 5), new Float64Array(3)], [part(0, 5)])).toBe(true);
  });

  it('edge: a row in common is enough, on either side', () => {
    expect(areApart([part(0, 5)], [part(4, 5)])).toBe(false);
    expect(areApart([part(4, 5)], [part(0, 5)])).toBe(false);
    expect(areApart([part(0, 10)], [new Float64Array(4), part(3, 1)])).toBe(false);
  });
});
