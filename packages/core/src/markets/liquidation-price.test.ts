import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, notional, type Price, plus, toPrice, toRate, toSize, toUsd } from '../decimal.ts';
import type { MarginTier } from '../domain/instrument.ts';
import { type IsolatedPosition, liquidationPrice } from './liquidation-price.ts';
import { initialMargin, maintenanceMargin, tierAt } from './margin.ts';
import { unrealizedPnl } from './profit-and-loss.ts';

const tier = (from: string, maxLeverage: number, rate: string, deduction: string): MarginTier => ({
  notionalFrom: toUsd(from),
  maxLeverage,
  maintenanceMarginRate: toRate(rate),
  maintenanceDeduction: toUsd(deduction),
});

/** Binance's published BTCUSDT table of 2023, first four brackets. */
const binance = [
  tier('0', 125, '0.004', '0'),
  tier('50000', 100, '0.005', '50'),
  tier('500000', 50, '0.01', '2550'),
  tier('10000000', 20, '0.025', '152550'),
];
/** Hyperliquid: maintenance is half the initial margin at the tier's maximum leverage. */
const hyperliquid = [tier('0', 40, '0.0125', '0'), tier('150000000', 20, '0.025', '1875000')];

/** A continuous table with rising rates. */
const tables: fc.Arbitrary<readonly MarginTier[]> = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 500_000 }), { maxLength: 4 }),
    fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 5, maxLength: 5 }),
  )
  .map(([steps, rises]) => {
    let from = new Decimal(0);
    let rate = new Decimal(rises[0] ?? 1).dividedBy(10_000);
    let deduction = new Decimal(0);
    const made = [tier('0', 100, rate.toFixed(), '0')];
    for (const [i, step] of steps.entries()) {
      const rise = new Decimal(rises[i + 1] ?? 1).dividedBy(10_000);
      from = from.plus(step);
      rate = rate.plus(rise);
      deduction = deduction.plus(from.times(rise));
      made.push(tier(from.toFixed(), 100, rate.toFixed(), deduction.toFixed()));
    }
    return made;
  });

const positions: fc.Arbitrary<IsolatedPosition> = fc
  .record({
    direction: fc.constantFrom('long' as const, 'short' as const),
    cents: fc.integer({ min: 1, max: 10_000_000 }),
    lots: fc.integer({ min: 1, max: 1_000_000 }),
    leverage: fc.integer({ min: 1, max: 50 }),
    tiers: tables,
  })
  .map(({ direction, cents, lots, leverage, tiers }) => {
    const entryPrice = toPrice(new Decimal(cents).dividedBy(100));
    const size = toSize(new Decimal(lots).dividedBy(1_000));
    return { direction, entryPrice, size, margin: initialMargin(notional(entryPrice, size), leverage), tiers };
  });

const equityAt = ({ direction, entryPrice, size, margin }: IsolatedPosition, markPrice: Price) =>
  plus(margin, unrealizedPnl({ direction, entryPrice, markPrice, size }));

describe('margin', () => {
  it('default: tiers, initial and maintenance margin', () => {
    expect(tierAt(binance, toUsd('49999.99')).maxLeverage).toBe(125);
    expect(tierAt(binance, toUsd('50000')).maxLeverage).toBe(100);
    expect(initialMargin(toUsd('60000'), 20)).toBe('3000');
    expect(maintenanceMargin(binance, toUsd('49999'))).toBe('199.996');
    expect(maintenanceMargin(binance, toUsd('600000'))).toBe('3450');
    expect(maintenanceMargin(hyperliquid, toUsd('200000000'))).toBe('3125000');
  });

  it('behavior: maintenance is continuous where tiers meet', () => {
    for (const from of ['50000', '500000', '10000000']) {
      const below = new Decimal(maintenanceMargin(binance, toUsd(new Decimal(from).minus('0.000001'))));
      expect(new Decimal(maintenanceMargin(binance, toUsd(from))).minus(below).abs().toNumber()).toBeLessThan(1e-6);
    }
  });

  it('error: no tiers, a negative notional, a leverage of zero', () => {
    expect(() => tierAt([], toUsd(1))).toThrow(expect.objectContaining({ code: 'margin-tiers.invalid' }));
    expect(() => tierAt(binance, toUsd(-1))).toThrow(expect.objectContaining({ code: 'notional.negative' }));
    for (const leverage of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => initialMargin(toUsd(1), leverage)).toThrow(expect.objectContaining({ code: 'leverage.invalid' }));
    }
  });
});

describe('liquidationPrice', () => {
  it('default: one tier, by hand', () => {
    const base = {
      entryPrice: toPrice(60000),
      size: toSize(1),
      margin: toUsd(6000),
      tiers: [tier('0', 50, '0.01', '0')],
    };
    // (60000 − 6000) / 0.99 and (60000 + 6000) / 1.01
    expect(liquidationPrice({ ...base, direction: 'long' })).toBe('54545.454545454545454545454545454545');
    expect(liquidationPrice({ ...base, direction: 'short' })?.slice(0, 20)).toBe('65346.53465346534653');
  });

  it('behavior: the tier is that of the notional at the liquidation price, not at the entry', () => {
    // Entry notional 52,000 lies in the second tier (0.5 %, 50 off); at the liquidation price it lies in the first.
    const long = {
      direction: 'long',
      entryPrice: toPrice(52000),
      size: toSize(1),
      margin: toUsd(5200),
      tiers: binance,
    } as const;
    expect(Number(liquidationPrice(long))).toBeCloseTo(46800 / 0.996, 9);
    // Entry notional 48,000 in the first; (48000 + 4800 + 50) / 1.005 = 52587.06… lies in the second.
    const short = {
      direction: 'short',
      entryPrice: toPrice(48000),
      size: toSize(1),
      margin: toUsd(4800),
      tiers: binance,
    } as const;
    expect(Number(liquidationPrice(short))).toBeCloseTo(52850 / 1.005, 9);
  });

  it('behavior: equity equals maintenance margin there, within 1e-12', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const price = liquidationPrice(position);
        if (price === undefined) {
          expect(position.direction).toBe('long');
          expect(Number(equityAt(position, toPrice('0')))).toBeGreaterThanOrEqual(0);
          return;
        }
        const maintenance = maintenanceMargin(position.tiers, notional(price, position.size));
        expect(new Decimal(equityAt(position, price)).minus(maintenance).abs().toNumber()).toBeLessThan(1e-12);
      }),
      { numRuns: 3_000, seed: 31 },
    );
  });

  it('behavior: beyond it equity is under maintenance, before it over', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const price = liquidationPrice(position);
        if (price === undefined) return;
        const worse = position.direction === 'long' ? '0.999' : '1.001';
        const better = position.direction === 'long' ? '1.001' : '0.999';
        const slack = (factor: string) => {
          const mark = toPrice(new Decimal(price).times(factor));
          return new Decimal(equityAt(position, mark)).minus(
            maintenanceMargin(position.tiers, notional(mark, position.size)),
          );
        };
        expect(slack(worse).isNegative()).toBe(true);
        expect(slack(better).isPositive()).toBe(true);
      }),
      { numRuns: 1_000, seed: 32 },
    );
  });

  it('behavior: a table with a jump between tiers gives the first price met', () => {
    const jump = [tier('0', 50, '0.01', '0'), tier('50000', 10, '0.1', '0')];
    // Falling from 55,000: at 50,000 the upper tier asks for 5,000 and the equity is 4,000.
    expect(
      Number(
        liquidationPrice({
          direction: 'long',
          entryPrice: toPrice(55000),
          size: toSize(1),
          margin: toUsd(9000),
          tiers: jump,
        }),
      ),
    ).toBeCloseTo(46000 / 0.9, 9);
    // Rising from 45,000: entering the upper tier at 50,000 liquidates at once.
    expect(
      liquidationPrice({
        direction: 'short',
        entryPrice: toPrice(45000),
        size: toSize(1),
        margin: toUsd(6000),
        tiers: jump,
      }),
    ).toBe('50000');
  });

  it('behavior: a long at 1× and an empty position are never liquidated', () => {
    const tiers = [tier('0', 50, '0.01', '0')];
    expect(
      liquidationPrice({ direction: 'long', entryPrice: toPrice(100), size: toSize(1), margin: toUsd(100), tiers }),
    ).toBeUndefined();
    expect(
      liquidationPrice({ direction: 'short', entryPrice: toPrice(100), size: toSize(0), margin: toUsd(0), tiers }),
    ).toBeUndefined();
  });

  it('error: no tiers, a rate of 1', () => {
    const position = { direction: 'long', entryPrice: toPrice(100), size: toSize(1), margin: toUsd(10) } as const;
    for (const tiers of [[], [tier('0', 1, '1', '0')]]) {
      expect(() => liquidationPrice({ ...position, tiers })).toThrow(
        expect.objectContaining({ code: 'margin-tiers.invalid' }),
      );
    }
  });
});
