import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, negate, type Price, plus, sum, toPrice, toRate, toSize } from '../decimal.ts';
import { fundingPayment, nextFundingAtMs } from './funding.ts';
import { averageEntry, realizedPnl, unrealizedPnl } from './profit-and-loss.ts';

const prices: fc.Arbitrary<Price> = fc
  .integer({ min: 1, max: 100_000_000 })
  .map((cents) => toPrice(new Decimal(cents).dividedBy(100)));
const sizes = fc.integer({ min: 1, max: 1_000_000 }).map((lots) => toSize(new Decimal(lots).dividedBy(1_000)));
const rates = fc
  .integer({ min: -10_000, max: 10_000 })
  .map((tenths) => toRate(new Decimal(tenths).dividedBy(10_000_000)));

describe('profit and loss', () => {
  it('default: by hand', () => {
    const position = { entryPrice: toPrice('61250.5'), size: toSize('0.2') };
    expect(unrealizedPnl({ ...position, direction: 'long', markPrice: toPrice('61000') })).toBe('-50.1');
    expect(realizedPnl({ ...position, direction: 'short', exitPrice: toPrice('61000') })).toBe('50.1');
    expect(
      averageEntry([
        { price: toPrice(100), size: toSize(1) },
        { price: toPrice(103), size: toSize(2) },
      ]),
    ).toBe('102');
  });

  it('behavior: antisymmetric in direction and in price, zero at entry, additive in size', () => {
    fc.assert(
      fc.property(prices, prices, sizes, sizes, (entryPrice, markPrice, size, more) => {
        const long = unrealizedPnl({ direction: 'long', entryPrice, markPrice, size });
        expect(unrealizedPnl({ direction: 'short', entryPrice, markPrice, size })).toBe(negate(long));
        expect(unrealizedPnl({ direction: 'long', entryPrice: markPrice, markPrice: entryPrice, size })).toBe(
          negate(long),
        );
        expect(unrealizedPnl({ direction: 'long', entryPrice, markPrice: entryPrice, size })).toBe('0');
        expect(unrealizedPnl({ direction: 'long', entryPrice, markPrice, size: plus(size, more) })).toBe(
          plus(long, unrealizedPnl({ direction: 'long', entryPrice, markPrice, size: more })),
        );
      }),
      { numRuns: 500, seed: 41 },
    );
  });

  it('behavior: the average entry lies within its parts and gives the PnL of the parts', () => {
    const parts = fc.array(fc.record({ price: prices, size: sizes }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(parts, prices, (fills, markPrice) => {
        const entryPrice = averageEntry(fills);
        const all = fills.map(({ price }) => Number(price));
        expect(Number(entryPrice)).toBeGreaterThanOrEqual(Math.min(...all));
        expect(Number(entryPrice)).toBeLessThanOrEqual(Math.max(...all));
        const whole = unrealizedPnl({
          direction: 'long',
          entryPrice,
          markPrice,
          size: sum(fills.map(({ size }) => size)),
        });
        const summed = sum(
          fills.map(({ price, size }) => unrealizedPnl({ direction: 'long', entryPrice: price, markPrice, size })),
        );
        expect(new Decimal(whole).minus(summed).abs().toNumber()).toBeLessThan(1e-20);
      }),
      { numRuns: 500, seed: 42 },
    );
  });

  it('error: no size, no average', () => {
    expect(() => averageEntry([])).toThrow(expect.objectContaining({ code: 'size.zero' }));
  });
});

describe('funding', () => {
  it('default: a positive rate means that longs pay', () => {
    const position = { size: toSize(2), markPrice: toPrice(50000), rate: toRate('0.0001') };
    expect(fundingPayment({ ...position, direction: 'long' })).toBe('-10');
    expect(fundingPayment({ ...position, direction: 'short' })).toBe('10');
  });

  it('behavior: what longs pay shorts receive', () => {
    fc.assert(
      fc.property(prices, sizes, rates, (markPrice, size, rate) => {
        const long = fundingPayment({ direction: 'long', size, markPrice, rate });
        expect(plus(long, fundingPayment({ direction: 'short', size, markPrice, rate }))).toBe('0');
        if (!new Decimal(rate).isZero()) expect(long.startsWith('-')).toBe(!rate.startsWith('-'));
      }),
      { numRuns: 500, seed: 43 },
    );
  });

  it('behavior: settlements are strictly ahead, on multiples of the interval', () => {
    const hour = 3_600_000;
    expect(nextFundingAtMs(8 * hour, 0)).toBe(8 * hour);
    expect(nextFundingAtMs(hour, hour - 1)).toBe(hour);
    expect(nextFundingAtMs(hour, hour)).toBe(2 * hour);
    expect(() => nextFundingAtMs(0, 0)).toThrow(expect.objectContaining({ code: 'funding-interval.invalid' }));
  });
});
