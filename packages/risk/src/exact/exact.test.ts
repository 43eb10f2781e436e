import { Decimal, toUsd } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOf, usdOf } from './branded.ts';
import { Exact, exact } from './exact.ts';

const digits = (least: number, most: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most }).map((list) => list.join(''));
/** Short ones, which are whole numbers inside, and long ones, which are not. */
const texts = fc
  .tuple(fc.boolean(), fc.oneof(digits(1, 6), digits(1, 25)), fc.oneof(digits(0, 4), digits(0, 25)))
  .map(([negative, whole, fraction]) => {
    const text = `${whole.replace(/^0+(?=.)/, '')}${fraction === '' ? '' : `.${fraction}`}`;
    return negative && /[1-9]/.test(text) ? `-${text}` : text;
  });
/** An `expect` that costs nothing where they are equal: two hundred thousand are compared. */
const same = (ours: string | number, theirs: string | number): void => {
  if (!Object.is(ours, theirs)) expect(ours).toBe(theirs);
};
const run = { numRuns: 20_000, seed: 301 };
const Wide = Decimal.clone({ precision: 400 });
const Long = Decimal.clone({ precision: 120 });

describe('Exact', () => {
  it('default: reads, reckons and writes', () => {
    expect(exact('0.1').plus('0.2').toFixed()).toBe('0.3');
    expect(exact('10000.00').times('0.005').toFixed()).toBe('50');
    expect(exact(50).dividedBy('659.7').toDecimalPlaces(18).toFixed()).toBe('0.075792026678793391');
    expect(exact('-7.5').modulo(2).toFixed()).toBe('-1.5');
    expect(exact(1e-7).toFixed()).toBe('0.0000001');
    expect(exact(1e22).toFixed()).toBe('10000000000000000000000');
    expect(Exact.min('2', 1, exact('1.5')).toFixed()).toBe('1');
  });

  it('behavior: sums, differences, products, remainders and comparisons are those of a decimal of 400 digits', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const [x, y] = [new Wide(a), new Wide(b)];
        same(exact(a).toFixed(), x.toFixed());
        same(exact(a).plus(b).toFixed(), x.plus(y).toFixed());
        same(exact(a).minus(b).toFixed(), x.minus(y).toFixed().replace(/^-0$/, '0'));
        same(exact(a).times(b).toFixed(), x.times(y).toFixed().replace(/^-0$/, '0'));
        same(Math.sign(exact(a).comparedTo(b)), x.comparedTo(y));
        if (!y.isZero()) same(exact(a).modulo(b).toFixed(), x.modulo(y).toFixed().replace(/^-0$/, '0'));
      }),
      run,
    );
  });

  it('behavior: a division is rounded half-even at 30 places, and cutting digits as asked', () => {
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 0, max: 20 }), (a, b, places) => {
        const [x, y] = [new Wide(a), new Wide(b)];
        const plain = (value: Decimal) => value.toFixed().replace(/^-0$/, '0');
        if (!y.isZero())
          same(exact(a).dividedBy(b).toFixed(), plain(x.dividedBy(y).toDecimalPlaces(30, Wide.ROUND_HALF_EVEN)));
        for (const [ours, theirs] of [
          ['down', Wide.ROUND_DOWN],
          ['up', Wide.ROUND_UP],
          ['half-even', Wide.ROUND_HALF_EVEN],
        ] as const)
          same(exact(a).toDecimalPlaces(places, ours).toFixed(), plain(x.toDecimalPlaces(places, theirs)));
      }),
      run,
    );
  });

  it('behavior: what a budget buys is rounded down at 12 places, a root as asked, steps exactly', () => {
    const above0 = texts.filter((text) => !text.startsWith('-') && /[1-9]/.test(text));
    fc.assert(
      fc.property(above0, above0, (a, b) => {
        const [x, y] = [new Long(a), new Long(b)];
        same(exact(a).buys(b).toFixed(), x.dividedBy(y).toDecimalPlaces(12, Long.ROUND_DOWN).toFixed());
        same(exact(a).squareRoot('down').toFixed(), x.sqrt().toDecimalPlaces(12, Long.ROUND_DOWN).toFixed());
        same(exact(a).squareRoot('up').toFixed(), x.sqrt().toDecimalPlaces(12, Long.ROUND_UP).toFixed());
        same(exact(a).floorTo(b).toFixed(), x.dividedToIntegerBy(y).times(y).toFixed());
        same(exact(a).ceilTo(b).toFixed(), x.dividedBy(y).ceil().times(y).toFixed());
        same(exact(a).dividedToIntegerBy(b).toFixed(), x.dividedToIntegerBy(y).toFixed());
      }),
      { numRuns: 1_500, seed: 304 },
    );
  });

  it('behavior: whole steps have no more digits than a step, and nothing added or taken leaves a number as it is', () => {
    const size = exact('0.123456789012').floorTo('0.00001');
    expect([size.units, size.places]).toEqual([12345, 5]);
    expect(exact('7.5').floorTo('0.25').toFixed()).toBe('7.5');
    for (const value of ['0', '5', '-2.50', '123456789012345678901.5']) {
      expect(exact(value).plus(0).minus('0.0').toFixed()).toBe(exact(value).toFixed());
      expect(exact(0).plus(value).toFixed()).toBe(exact(value).toFixed());
      expect(exact(0).minus(value).equals(exact(value).negated())).toBe(true);
    }
  });

  it('behavior: what is no number is within nothing, and stays so', () => {
    for (const none of [exact(Number.NaN), exact('Infinity'), exact(1).dividedBy(0), exact('NaN').plus(1)]) {
      expect(none.isFinite()).toBe(false);
      expect([none.lessThanOrEqualTo(1), none.greaterThan(1), none.equals(none)]).toEqual([false, false, false]);
      expect(none.times('9'.repeat(30)).minus(1).dividedBy(3).toDecimalPlaces(2).isFinite()).toBe(false);
      expect(Exact.max(1, none).isFinite()).toBe(false);
    }
  });

  it('error: what is no notation of a number, and amounts too large', () => {
    for (const text of ['', '-', '.', '1.', '.5', '1,5', '６', '0x1', '1e400', 'abc', '--1', '1.2.3', '1e', '١'])
      expect(() => exact(text)).toThrow(expect.objectContaining({ code: 'decimal.invalid' }));
    expect(() => usdOf(exact('1e31'))).toThrow(expect.objectContaining({ code: 'decimal.invalid' }));
    expect(() => sizeOf(exact(-1))).toThrow(expect.objectContaining({ code: 'size.negative' }));
    expect(usdOf(exact('9'.repeat(30)))).toBe(toUsd('9'.repeat(30)));
  });
});
