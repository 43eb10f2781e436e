import { Decimal as DecimalJs } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absolute,
  compare,
  Decimal,
  decimal,
  isZero,
  maximum,
  minimum,
  minus,
  negate,
  notional,
  plus,
  priceSchema,
  scale,
  sizeSchema,
  sum,
  toNumber,
  toPrice,
  toRate,
  toSize,
  toUsd,
  type Usd,
  usdSchema,
  zeroSize,
  zeroUsd,
} from './decimal.ts';

/** Amounts with up to 12 digits before the point and up to 12 after. */
const usd: fc.Arbitrary<Usd> = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, places]) => toUsd(new Decimal(digits.toString()).div(new Decimal(10).pow(places))));

describe('decimal strings', () => {
  it('default: any numeric notation becomes the one plain notation', () => {
    for (const [given, text] of [
      ['61250.50', '61250.5'],
      ['1e-7', '0.0000001'],
      [1e21, '1000000000000000000000'],
      ['-0', '0'],
      ['-0.10', '-0.1'],
      ['.5', '0.5'],
      ['007', '7'],
    ] as const)
      expect(toUsd(given)).toBe(text);
    expect([toPrice(0.1), toRate('-0.0005'), toSize('0.000')]).toEqual(['0.1', '-0.0005', '0']);
    expect([zeroUsd, zeroSize]).toEqual(['0', '0']);
  });

  it('behavior: what is made fits its schema, and reading it gives the same (parse after format is the identity)', () => {
    fc.assert(
      fc.property(usd, (amount) => {
        expect(usdSchema.parse(amount)).toBe(amount);
        expect(toUsd(decimal(amount))).toBe(amount);
        expect(new DecimalJs(amount).eq(decimal(amount))).toBe(true);
      }),
    );
  });

  it('behavior: the value of every finite double survives, to 30 decimals', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e29, max: 1e29 }), (number) => {
        expect(new Decimal(toUsd(number)).minus(number).abs().lte('5e-31')).toBe(true);
      }),
    );
  });

  it('behavior: a + b − b = a, a − a = 0, and addition does not mind the order', () => {
    fc.assert(
      fc.property(usd, usd, usd, (a, b, c) => {
        expect(minus(plus(a, b), b)).toBe(a);
        expect(minus(a, a)).toBe('0');
        expect(plus(a, b)).toBe(plus(b, a));
        expect(plus(plus(a, b), c)).toBe(plus(a, plus(b, c)));
        expect(sum([a, b, c])).toBe(plus(plus(a, b), c));
        expect(plus(a, negate(a))).toBe('0');
      }),
    );
    expect(plus(toUsd('0.1'), toUsd('0.2'))).toBe('0.3');
    expect(sum<Usd>([])).toBe('0');
  });

  it('behavior: comparison is by value and agrees with the difference', () => {
    fc.assert(
      fc.property(usd, usd, (a, b) => {
        expect(compare(a, b)).toBe(decimal(minus(a, b)).comparedTo(0));
        expect(compare(minimum(a, b), maximum(a, b))).toBeLessThanOrEqual(0);
        expect(sum([minimum(a, b), maximum(a, b)])).toBe(plus(a, b));
        expect(isZero(minus(a, b))).toBe(compare(a, b) === 0);
        expect(absolute(a)).toBe(maximum(a, negate(a)));
      }),
    );
  });

  it('behavior: multiplication is exact, and rounds half-even at 30 decimals', () => {
    expect(notional(toPrice('61250.5'), toSize('0.00012'))).toBe('7.35006');
    expect(scale(toUsd('100'), '0.0005')).toBe('0.05');
    expect(scale(toUsd('0.0000000000000000000000000001'), '0.005')).toBe('0');
    expect(scale(toUsd('0.0000000000000000000000000003'), '0.005')).toBe('0.000000000000000000000000000002');
    expect(toNumber(toUsd('-12.5'))).toBe(-12.5);
  });

  it('behavior: the settings of other users of decimal.js change nothing here', () => {
    const before = { precision: DecimalJs.precision, rounding: DecimalJs.rounding, toExpNeg: DecimalJs.toExpNeg };
    DecimalJs.set({ precision: 3, rounding: DecimalJs.ROUND_UP, toExpNeg: -1 });
    try {
      expect(plus(toUsd('123456.789'), toUsd('0.00001'))).toBe('123456.78901');
    } finally {
      DecimalJs.set(before);
    }
  });

  it('behavior: what was read before is read the same, however much was read in between', () => {
    const texts = Array.from({ length: 2_500 }, (_, index) => `${index}.${(index * 7_919) % 1_000}1`) as Usd[];
    const long = toUsd(`${'9'.repeat(25)}.${'1'.repeat(25)}`);
    for (const round of [1, 2]) {
      for (const [index, text] of texts.entries()) {
        const other = texts[(index * round * 31) % texts.length] as Usd;
        expect(plus(text, other)).toBe(new Decimal(text).plus(other).toFixed());
        expect(compare(text, other)).toBe(new Decimal(text).comparedTo(other));
        expect(toNumber(text)).toBe(new Decimal(text).toNumber());
      }
      expect(negate(long)).toBe(`-${long}`);
    }
    const one = decimal('1.5');
    one.plus(1).times(3).negated().toDecimalPlaces(0);
    expect([decimal('1.5').toFixed(), toUsd(one)]).toEqual(['1.5', '1.5']);
  });

  it("behavior: a Decimal of somebody else's goes on with the settings of this one", () => {
    const Coarse = DecimalJs.clone({ precision: 3 });
    expect(decimal(new Coarse('1.234')).plus('1.111').toFixed()).toBe('2.345');
  });

  it('error: what is no finite number, or too long, is refused by its text', () => {
    for (const bad of ['', 'abc', '1,5', 'NaN', 'Infinity', Number.NaN, Number.POSITIVE_INFINITY, '0x', '1e40', '1e30'])
      expect(() => toUsd(bad)).toThrow(expect.objectContaining({ name: 'ValidationError', code: 'decimal.invalid' }));
    expect(() => toSize('-0.1')).toThrow(expect.objectContaining({ code: 'size.negative' }));
  });

  it('error: the schemas take the plain notation only', () => {
    for (const bad of ['1e5', '+1', '01', '.5', '5.', '1_000', ' 1', '-', '--1', '1.2.3', `1${'0'.repeat(30)}`])
      expect(priceSchema.safeParse(bad).success).toBe(false);
    for (const good of ['0', '-0.5', '61250.50']) expect(priceSchema.safeParse(good).success).toBe(true);
    expect(sizeSchema.safeParse(5).success).toBe(false);
  });
});
