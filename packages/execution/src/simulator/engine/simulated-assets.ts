import { toUsd } from '@perpdesk/core';
import type { SimulatedAsset } from './exchange-engine.ts';

const asset = (
  coin: string,
  sizeDecimals: number,
  maxLeverage: number,
  step?: readonly [notionalFrom: number, maxLeverage: number],
): SimulatedAsset => ({
  coin,
  sizeDecimals,
  maxLeverage,
  marginTiers: [
    { notionalFrom: toUsd(0), maxLeverage },
    ...(step === undefined ? [] : [{ notionalFrom: toUsd(step[0]), maxLeverage: step[1] }]),
  ],
});

/**
 * Contracts as Hyperliquid lists them, with its size decimals and margin tiers
 * (hyperliquid.gitbook.io/hyperliquid-docs/trading/margin-tiers).
 */
export const hyperliquidAssets: readonly SimulatedAsset[] = [
  asset('BTC', 5, 40, [150_000_000, 20]),
  asset('ETH', 4, 25, [100_000_000, 15]),
  asset('SOL', 2, 20, [70_000_000, 10]),
  asset('XRP', 0, 20, [40_000_000, 10]),
  asset('HYPE', 2, 10, [20_000_000, 5]),
  asset('DOGE', 0, 10, [20_000_000, 5]),
  asset('AVAX', 2, 10, [20_000_000, 5]),
  asset('LINK', 1, 10, [20_000_000, 5]),
  asset('SUI', 1, 10, [20_000_000, 5]),
  asset('BNB', 3, 10),
];
