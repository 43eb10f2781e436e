import { toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { toInstrument } from './listed-asset.ts';
import { hyperliquidAssets } from './simulated-assets.ts';
import { toAsset } from './to-asset.ts';

const [bitcoin] = hyperliquidAssets.map((asset) => toInstrument(asset));
if (bitcoin === undefined) throw new Error('There is no asset.');

describe('toAsset', () => {
  it('default: the other way than toInstrument', () => {
    for (const asset of hyperliquidAssets) expect(toAsset(toInstrument(asset))).toEqual(asset);
  });

  it('error: an instrument whose rules the exchange does not have', () => {
    const message = (changes: object): string => {
      try {
        toAsset({ ...bitcoin, ...changes });
      } catch (error) {
        return (error as Error).message;
      }
      return 'none';
    };
    expect(message({ contract: 'inverse' })).toMatch(/^BTC-PERP@hyperliquid is no linear contract of one unit: /);
    expect(message({ lotSize: toSize('0.00002') })).toMatch(/trades in lots of 0\.00002/);
    expect(message({ priceRule: { kind: 'tick', tick: toPrice('0.1') } })).toMatch(/has another price grid/);
    const tier = { notionalFrom: toUsd(0), maxLeverage: 40, maintenanceMarginRate: toRate('0.02') };
    expect(message({ marginTiers: [{ ...tier, maintenanceDeduction: toUsd(0) }] })).toMatch(
      /other maintenance margins/,
    );
  });
});
