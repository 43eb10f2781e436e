import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, Decimal, type Price, toPrice } from '../decimal.ts';
import type { PriceRule } from '../domain/instrument.ts';
import { roundLimitPrice, roundProtectiveTrigger } from './order-price.ts';
import { isOnRule, priceFromNumber, roundPrice } from './price-rounding.ts';

const tick = (step: string): PriceRule => ({ kind: 'tick', tick: toPrice(step) });
const hyperliquid = (sizeDecimals: number): PriceRule => ({
  kind: 'significant-figures',
  figures: 5,
  maxDecimals: 6 - sizeDecimals,
});

const rules: fc.Arbitrary<PriceRule> = fc.oneof(
  fc.constantFrom('0.01', '0.1', '0.5', '1', '5', '0.00001', '0.0025', '3').map(tick),
  fc.integer({ min: 0, max: 6 }).map(hyperliquid),
);
const prices: fc.Arbitrary<Price> = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 0, max: 9 }))
  .map(([digits, decimals]) => toPrice(new Decimal(digits.toString()).dividedBy(new Decimal(10).pow(decimals))));

describe('roundPrice', () => {
  it('default: a tick', () => {
    expect(roundPrice(tick('0.5'), toPrice('61250.74'), 'down')).toBe('61250.5');
    expect(roundPrice(tick('0.5'), toPrice('61250.74'), 'up')).toBe('61251');
    expect(roundPrice(tick('0.5'), toPrice('61250.74'), 'nearest')).toBe('61250.5');
    expect(roundPrice(tick('0.0025'), toPrice('0.0041'), 'nearest')).toBe('0.005');
  });

  // The examples of Hyperliquid's "Tick and lot size": 1234.5 is valid, 1234.56 not; 0.001234 is valid, 0.0012345 not
  // (more than 6 decimals); at szDecimals 1, 0.01234 is valid and 0.012345 not; 123456 is valid, 12345.6 not.
  it('behavior: the documented examples of Hyperliquid', () => {
    expect(isOnRule(hyperliquid(0), toPrice('1234.5'))).toBe(true);
    expect(isOnRule(hyperliquid(0), toPrice('1234.56'))).toBe(false);
    expect(isOnRule(hyperliquid(0), toPrice('0.001234'))).toBe(true);
    expect(isOnRule(hyperliquid(0), toPrice('0.0012345'))).toBe(false);
    expect(isOnRule(hyperliquid(1), toPrice('0.01234'))).toBe(true);
    expect(isOnRule(hyperliquid(1), toPrice('0.012345'))).toBe(false);
    expect(isOnRule(hyperliquid(5), toPrice('123456'))).toBe(true);
    expect(isOnRule(hyperliquid(5), toPrice('12345.6'))).toBe(false);
  });

  it('behavior: rounding up may carry into the next power of ten', () => {
    expect(roundPrice(hyperliquid(0), toPrice('9.99996'), 'up')).toBe('10');
    expect(roundPrice(hyperliquid(0), toPrice('99999.5'), 'up')).toBe('100000');
    expect(roundPrice(hyperliquid(0), toPrice('123456.7'), 'down')).toBe('123456');
  });

  it('behavior: idempotent, directional, and never further than the neighbouring allowed price', () => {
    fc.assert(
      fc.property(rules, prices, (rule, price) => {
        const down = roundPrice(rule, price, 'down');
        const up = roundPrice(rule, price, 'up');
        const nearest = roundPrice(rule, price, 'nearest');
        expect(compare(down, price)).toBeLessThanOrEqual(0);
        expect(compare(up, price)).toBeGreaterThanOrEqual(0);
        expect([down, up]).toContain(nearest);
        const below = new Decimal(price).minus(down);
        const above = new Decimal(up).minus(price);
        expect(new Decimal(nearest).minus(price).abs().equals(Decimal.min(below, above))).toBe(true);
        for (const rounded of [down, up]) {
          expect(isOnRule(rule, rounded)).toBe(true);
          for (const mode of ['up', 'down', 'nearest'] as const) expect(roundPrice(rule, rounded, mode)).toBe(rounded);
        }
        expect(isOnRule(rule, price)).toBe(down === up);
      }),
      { numRuns: 2_000, seed: 11 },
    );
  });

  it('behavior: significant figures agree with counting the digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), prices, (sizeDecimals, price) => {
        const [whole = '', fraction = ''] = price.split('.');
        const figures = `${whole}${fraction}`.replace(/^0+/, '').length;
        const allowed = fraction === '' || (figures <= 5 && fraction.length <= 6 - sizeDecimals);
        expect(isOnRule(hyperliquid(sizeDecimals), price)).toBe(allowed);
      }),
      { numRuns: 2_000, seed: 12 },
    );
  });

  it('error: a tick of zero', () => {
    expect(() => roundPrice(tick('0'), toPrice('1'), 'up')).toThrow(
      expect.objectContaining({ code: 'price-rule.invalid' }),
    );
  });
});

describe('priceFromNumber', () => {
  it('default: rounds what the float means', () => {
    expect(priceFromNumber(tick('0.5'), 61250.74, 'up')).toBe('61251');
    expect(priceFromNumber(hyperliquid(5), 61250.74, 'nearest')).toBe('61251');
  });

  it('behavior: float noise never moves a price that is on the rule', () => {
    expect(priceFromNumber(tick('0.1'), 0.1 + 0.2, 'up')).toBe('0.3');
    expect(priceFromNumber(tick('0.1'), 1.1 * 3, 'up')).toBe('3.3');
    fc.assert(
      fc.property(rules, prices, (rule, price) => {
        const allowed = roundPrice(rule, price, 'up');
        fc.pre(new Decimal(allowed).precision() <= 14);
        const noisy = Number(allowed) * (1 + Number.EPSILON);
        for (const mode of ['up', 'down', 'nearest'] as const) expect(priceFromNumber(rule, noisy, mode)).toBe(allowed);
      }),
      { numRuns: 1_000, seed: 13 },
    );
  });

  it('error: what is no price', () => {
    for (const value of [0, -1]) {
      expect(() => priceFromNumber(tick('1'), value, 'up')).toThrow(expect.objectContaining({ code: 'price.invalid' }));
    }
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => priceFromNumber(tick('1'), value, 'up')).toThrow(
        expect.objectContaining({ code: 'decimal.invalid' }),
      );
    }
  });
});

describe('order prices', () => {
  it('default: protective triggers fire earlier, limits keep away from crossing', () => {
    const rule = tick('1');
    const price = toPrice('100.4');
    expect(roundProtectiveTrigger(rule, { direction: 'long', kind: 'stop-loss', price })).toBe('101');
    expect(roundProtectiveTrigger(rule, { direction: 'long', kind: 'take-profit', price })).toBe('100');
    expect(roundProtectiveTrigger(rule, { direction: 'short', kind: 'stop-loss', price })).toBe('100');
    expect(roundProtectiveTrigger(rule, { direction: 'short', kind: 'take-profit', price })).toBe('101');
    expect(roundLimitPrice(rule, 'buy', price)).toBe('100');
    expect(roundLimitPrice(rule, 'sell', price)).toBe('101');
  });
});
