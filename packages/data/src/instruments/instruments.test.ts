import { instrumentSchema, isOnRule, maintenanceMargin, roundPrice, toPrice, toSize, toUsd } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hyperliquidInstrument } from './hyperliquid.ts';
import { decimalsOf, observedPrecision, observedTick } from './observed-precision.ts';
import { PriceGrid } from './price-grid.ts';
import { profiledInstrument, venueProfiles } from './venue-profile.ts';

describe('hyperliquidInstrument', () => {
  it('default', () => {
    const btc = hyperliquidInstrument('BTC');
    expect(instrumentSchema.parse(btc)).toEqual(btc);
    expect(btc).toMatchObject({
      id: 'BTC-PERP@hyperliquid',
      lotSize: '0.00001',
      priceRule: { figures: 5, maxDecimals: 1 },
      takerFeeRate: '0.00045',
      makerFeeRate: '0.00015',
      minNotional: '10',
    });
    expect(btc.marginTiers).toEqual([
      { notionalFrom: '0', maxLeverage: 40, maintenanceMarginRate: '0.0125', maintenanceDeduction: '0' },
      { notionalFrom: '150000000', maxLeverage: 20, maintenanceMarginRate: '0.025', maintenanceDeduction: '1875000' },
    ]);
  });

  it('behavior: the maintenance margin is continuous where a tier ends', () => {
    const { marginTiers } = hyperliquidInstrument('ETH');
    expect(Number(maintenanceMargin(marginTiers, toUsd(100_000_000)))).toBeCloseTo(2_000_000, 6);
  });

  it('behavior: an unlisted symbol is cautious, and refused without decimals', () => {
    expect(hyperliquidInstrument('FOO', { sizeDecimals: 1 })).toMatchObject({
      lotSize: '0.1',
      priceRule: { maxDecimals: 5 },
      marginTiers: [{ maxLeverage: 3 }],
    });
    expect(() => hyperliquidInstrument('FOO')).toThrow('The rules of FOO at hyperliquid are not known.');
  });
});

describe('profiledInstrument', () => {
  it('behavior: an inverse contract settles in its coin and is counted', () => {
    const coin = profiledInstrument(venueProfiles['binance-coinm'], 'BTC', {
      tick: toPrice('0.1'),
      lotSize: toSize('0.001'),
    });
    expect(instrumentSchema.parse(coin)).toMatchObject({
      id: 'BTC-PERP@binance-coinm',
      settle: 'BTC',
      contractSize: '100',
      lotSize: '1',
    });
  });
});

describe('decimalsOf', () => {
  it('default', () => {
    expect([1, 0.5, 17199.5, 0.3067, 118712, 0.23456, 2.63688].map(decimalsOf)).toEqual([0, 1, 1, 4, 0, 5, 5]);
  });
});

describe('PriceGrid', () => {
  const rules = [
    hyperliquidInstrument('BTC').priceRule,
    hyperliquidInstrument('AVAX').priceRule,
    hyperliquidInstrument('DOGE').priceRule,
    { kind: 'tick', tick: toPrice('0.5') },
    { kind: 'tick', tick: toPrice('0.00001') },
    { kind: 'tick', tick: toPrice('10') },
  ] as const;

  it('behavior: rounds as core does, and its neighbours are the next allowed prices', () => {
    const price = fc.double({ min: -3, max: 5.5, noNaN: true }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(price, fc.constantFrom(...rules), (value, rule) => {
        const grid = new PriceGrid(rule);
        const rounded = grid.round(value);
        expect(isOnRule(rule, toPrice(rounded))).toBe(true);
        if (rounded > grid.step(value)) {
          expect(
            Math.abs(rounded - Number(roundPrice(rule, toPrice(value.toPrecision(15)), 'nearest'))),
          ).toBeLessThanOrEqual(
            // Ties round up here and to even there.
            Math.abs(rounded - value) > 0.4999999 * grid.step(value) ? grid.step(value) * 1.0001 : 0,
          );
        }
        const above = grid.above(rounded);
        const between = toPrice(((rounded + above) / 2).toPrecision(15));
        expect(roundPrice(rule, between, 'down')).toBe(toPrice(rounded));
        expect(roundPrice(rule, between, 'up')).toBe(toPrice(above));
        if (rounded > grid.step(rounded)) expect(grid.above(grid.below(rounded))).toBe(rounded);
      }),
      { seed: 11, numRuns: 5000 },
    );
  });

  it('behavior: never goes to zero', () => {
    const grid = new PriceGrid({ kind: 'tick', tick: toPrice('0.5') });
    expect([grid.round(0.01), grid.below(0.5)]).toEqual([0.5, 0.5]);
  });
});

describe('observedPrecision', () => {
  const flat = (prices: readonly number[]) => {
    const column = Float64Array.from(prices);
    const volume = new Float64Array(prices.length).fill(0.25);
    return { length: prices.length, openAtMs: column, open: column, high: column, low: column, close: column, volume };
  };
  /** Prices on fives of the second decimal, so many of them not. */
  const prices = (others: number, count = 2000) =>
    flat(Array.from({ length: count }, (_, i) => (i < others ? 100.01 : 100 + ((i % 19) * 5) / 100)));

  it('default: decimals, and fives where all prices but one in a thousand are on them', () => {
    expect(observedPrecision(prices(0))).toEqual({ priceDecimals: 2, volumeDecimals: 2, tickUnits: 5 });
    expect(observedPrecision(prices(2)).tickUnits).toBe(5);
    expect(observedPrecision(prices(3)).tickUnits).toBe(1);
    expect(observedTick(observedPrecision(prices(0)))).toBe('0.05');
  });

  it('behavior: few prices are not enough to speak of fives', () => {
    expect(observedPrecision(prices(0, 249)).tickUnits).toBe(1);
    expect(observedPrecision(prices(0, 250)).tickUnits).toBe(5);
  });
});
