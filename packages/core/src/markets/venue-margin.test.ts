import { describe, expect, it } from 'vitest';
import { Decimal, toPrice, toRate, toSize, toUsd } from '../decimal.ts';
import { type CrossAccount, crossEquity, crossLiquidationPrice, crossMaintenance } from './cross-liquidation.ts';
import { liquidationPrice } from './liquidation-price.ts';
import { maintenanceMargin } from './margin.ts';
import { marginRules, venueLiquidationPrice } from './margin-rules.ts';
import { continuousTiers, leverageTiers } from './margin-tables.ts';

const step = (from: number, maxLeverage: number, rate: string) => ({
  notionalFrom: toUsd(from),
  maxLeverage,
  maintenanceMarginRate: toRate(rate),
});
const price = (value: string | undefined): string => new Decimal(value ?? Number.NaN).toFixed(6);

// The formulas are the venues' (sources in `marginRules`); the numbers are reckoned by hand here and in docs/risk.md, except
// Bybit's, whose help centre has them.
describe('worked examples by venue', () => {
  const binance = continuousTiers([step(0, 125, '0.004'), step(50_000, 100, '0.005'), step(500_000, 50, '0.01')]);

  it('default: Binance USDⓈ-M, 10 BTC long at 60,000 with 20×', () => {
    expect(binance.map(({ maintenanceDeduction }) => maintenanceDeduction)).toEqual(['0', '50', '2550']);
    const long = {
      direction: 'long',
      entryPrice: toPrice(60_000),
      size: toSize(10),
      margin: toUsd(30_000),
      tiers: binance,
    } as const;
    // (600,000 − 30,000 − 2,550) / (10·0.99): notional 573,181.82 lies in the third tier.
    expect(price(venueLiquidationPrice('binance', long))).toBe('57318.181818');
    // (600,000 + 30,000 + 2,550) / (10·1.01)
    expect(price(venueLiquidationPrice('binance', { ...long, direction: 'short' }))).toBe('62628.712871');
  });

  it('default: Binance, the tier is that of the notional where it is liquidated', () => {
    // 9 BTC long at 60,000, 540,000 of notional in the third tier; with 10× it is liquidated at 485,…: the second tier.
    const long = {
      direction: 'long',
      entryPrice: toPrice(60_000),
      size: toSize(9),
      margin: toUsd(54_000),
      tiers: binance,
    } as const;
    // (540,000 − 54,000 − 50) / (9·0.995)
    expect(price(venueLiquidationPrice('binance', long))).toBe('54265.773311');
  });

  it('default: Hyperliquid, maintenance is half the initial margin at the maximum leverage', () => {
    const tiers = leverageTiers([
      { notionalFrom: toUsd(0), maxLeverage: 40 },
      { notionalFrom: toUsd(150_000_000), maxLeverage: 20 },
    ]);
    expect(tiers.map(({ maintenanceMarginRate }) => maintenanceMarginRate)).toEqual(['0.0125', '0.025']);
    expect(tiers[1]?.maintenanceDeduction).toBe('1875000');
    const short = {
      direction: 'short',
      entryPrice: toPrice(60_000),
      size: toSize('0.5'),
      margin: toUsd(3_000),
      tiers,
    } as const;
    // The document's own form: price − side·margin_available / size / (1 − l·side), margin_available = 3,000 − 0.0125·30,000.
    const theirs = new Decimal(60_000).plus(new Decimal(3_000 - 375).dividedBy('0.5').dividedBy('1.0125'));
    expect(price(venueLiquidationPrice('hyperliquid', short))).toBe('65185.185185');
    expect(price(theirs.toFixed())).toBe('65185.185185');
  });

  it('default: OKX, the taker fee of the liquidation counts as maintenance', () => {
    const tiers = [{ ...step(0, 100, '0.004'), maintenanceDeduction: toUsd(0) }];
    const long = {
      direction: 'long',
      entryPrice: toPrice(60_000),
      size: toSize(1),
      margin: toUsd(6_000),
      tiers,
    } as const;
    // 54,000 / (1 − 0.004 − 0.0005)
    expect(price(venueLiquidationPrice('okx', long, { takerFeeRate: toRate('0.0005') }))).toBe('54244.098443');
  });

  it('default: Bybit takes maintenance of the entry: 1 BTC long at 20,000 with 50× is liquidated at 19,700', () => {
    const position = {
      direction: 'long',
      entryPrice: toPrice(20_000),
      size: toSize(1),
      margin: toUsd(400),
      tiers: continuousTiers([step(0, 100, '0.005')]),
    } as const;
    expect(venueLiquidationPrice('bybit', position)).toBe('19700');
    expect(venueLiquidationPrice('bybit', { ...position, direction: 'short' })).toBe('20300');
    // By the notional there it would be a little further away: Bybit's is the earlier one.
    expect(price(liquidationPrice(position))).toBe('19698.492462');
  });

  it('behavior: every rule names its source, an unknown venue reckons as Binance', () => {
    for (const { source } of Object.values(marginRules)) expect(source).toMatch(/^https:\/\//);
    const long = {
      direction: 'long',
      entryPrice: toPrice(60_000),
      size: toSize(1),
      margin: toUsd(6_000),
      tiers: binance,
    } as const;
    expect(venueLiquidationPrice('elsewhere', long)).toBe(venueLiquidationPrice('binance', long));
    expect(venueLiquidationPrice('bybit', { ...long, margin: toUsd(70_000) })).toBeUndefined();
  });

  it('error: tables that do not start at zero or do not rise', () => {
    for (const steps of [
      [step(1, 50, '0.01')],
      [step(0, 50, '0.01'), step(0, 20, '0.02')],
      [step(0, 50, '0.02'), step(10, 20, '0.01')],
    ])
      expect(() => continuousTiers(steps)).toThrow(expect.objectContaining({ code: 'margin-tiers.invalid' }));
  });
});

describe('cross margin', () => {
  const flat = continuousTiers([step(0, 50, '0.01')]);
  const [btc, eth] = ['BTC-PERP@binance', 'ETH-PERP@binance'] as const;
  const account: CrossAccount = {
    balance: toUsd(10_000),
    positions: [
      {
        instrumentId: btc,
        direction: 'long',
        entryPrice: toPrice(60_000),
        markPrice: toPrice(61_000),
        size: toSize(1),
        tiers: flat,
      },
      {
        instrumentId: eth,
        direction: 'short',
        entryPrice: toPrice(3_000),
        markPrice: toPrice(3_100),
        size: toSize(10),
        tiers: flat,
      },
    ],
  };

  it('default: the whole account stands behind each position', () => {
    expect(crossEquity(account)).toBe('10000');
    expect(crossMaintenance(account)).toBe('920');
    // Behind BTC: 10,000 − 1,000 (ETH) − 310 = 8,690; (60,000 − 8,690) / 0.99
    expect(price(crossLiquidationPrice(account, btc))).toBe('51828.282828');
    // Behind ETH: 10,000 + 1,000 (BTC) − 610 = 10,390; (30,000 + 10,390) / (10·1.01)
    expect(price(crossLiquidationPrice(account, eth))).toBe('3999.009901');
  });

  it('behavior: there the equity of the account is its maintenance', () => {
    for (const id of [btc, eth]) {
      const markPrice = crossLiquidationPrice(account, id) ?? toPrice(0);
      const positions = account.positions.map((each) => (each.instrumentId === id ? { ...each, markPrice } : each));
      const there = { ...account, positions };
      expect(new Decimal(crossEquity(there)).minus(crossMaintenance(there)).abs().toNumber()).toBeLessThan(1e-20);
    }
  });

  it('behavior: alone in its account it is as if isolated with the balance', () => {
    const alone = { ...account, positions: account.positions.slice(0, 1) };
    const [position] = account.positions;
    expect(crossLiquidationPrice(alone, btc)).toBe(
      position && liquidationPrice({ ...position, margin: toUsd(10_000) }),
    );
    expect(maintenanceMargin(flat, toUsd(61_000))).toBe(crossMaintenance(alone));
  });

  it('error: no such position', () => {
    expect(() => crossLiquidationPrice(account, 'SOL-PERP@binance')).toThrow(
      expect.objectContaining({ code: 'position.unknown' }),
    );
  });
});
