import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, Decimal, minimum, sum, toPrice, toSize } from '../decimal.ts';
import type { BookLevel } from '../domain/market-data.ts';
import { costToFill } from './cost-to-fill.ts';

const asks: readonly BookLevel[] = [
  [100.1, 0.1],
  [100.2, 0.2],
  [100.4, 5],
];

describe('costToFill', () => {
  it('default: exact where floats are not', () => {
    expect(100.1 * 0.1 + 100.2 * 0.2).not.toBe(30.05);
    expect(costToFill(asks, toSize('0.3'))).toEqual({
      filled: '0.3',
      notional: '30.05',
      averagePrice: '100.166666666666666666666666666667',
      worstPrice: '100.2',
    });
  });

  it('behavior: a thin book fills in part, an empty one not at all', () => {
    expect(costToFill(asks, toSize(10))).toMatchObject({ filled: '5.3', worstPrice: '100.4' });
    expect(costToFill([], toSize(1))).toEqual({ filled: '0', notional: '0' });
    expect(costToFill([[100, 0]], toSize(1))).toEqual({ filled: '0', notional: '0' });
    expect(costToFill(asks, toSize(0))).toEqual({ filled: '0', notional: '0' });
  });

  it("behavior: converts by the instrument's rule, a level's size down to the lot", () => {
    const instrument = { priceRule: { kind: 'tick', tick: toPrice('0.1') }, lotSize: toSize('0.1') } as const;
    expect(costToFill([[100.1 + 1e-14, 0.25]], toSize(1), instrument)).toEqual({
      filled: '0.2',
      notional: '20.02',
      averagePrice: '100.1',
      worstPrice: '100.1',
    });
  });

  it('behavior: fills what there is, at an average between best and worst, dearer for more', () => {
    const books = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 0, max: 1_000 })), { maxLength: 12 })
      .map((levels) => levels.map(([price, size]): BookLevel => [price / 100, size / 10]).sort((a, b) => a[0] - b[0]));
    const sizes = fc.integer({ min: 1, max: 20_000 }).map((lots) => toSize(new Decimal(lots).dividedBy(10)));
    fc.assert(
      fc.property(books, sizes, (levels, size) => {
        const result = costToFill(levels, size);
        expect(result.filled).toBe(minimum(size, sum(levels.map(([, there]) => toSize(there)))));
        if (result.averagePrice === undefined || result.worstPrice === undefined) return;
        expect(compare(result.averagePrice, result.worstPrice)).toBeLessThanOrEqual(0);
        const half = costToFill(levels, toSize(new Decimal(result.filled).dividedBy(2)));
        if (half.averagePrice) expect(Number(half.averagePrice)).toBeLessThanOrEqual(Number(result.averagePrice));
      }),
      { numRuns: 500, seed: 51 },
    );
  });

  it('error: a level that is no price', () => {
    const instrument = { priceRule: { kind: 'tick', tick: toPrice('0.1') }, lotSize: toSize('0.1') } as const;
    expect(() => costToFill([[Number.NaN, 1]], toSize(1))).toThrow(
      expect.objectContaining({ code: 'decimal.invalid' }),
    );
    expect(() => costToFill([[-1, 1]], toSize(1), instrument)).toThrow(
      expect.objectContaining({ code: 'price.invalid' }),
    );
  });
});
