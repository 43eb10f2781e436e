import { toPrice, toSize, toUsd } from '@perpdesk/core';
import { hyperliquidAssets } from '../engine/simulated-assets.ts';
import type { HyperliquidSimulator } from '../hyperliquid-simulator.ts';
import type { HyperliquidSimulatorOptions } from '../simulator-options.ts';
import { startSimulator } from '../start-simulator.ts';
import { testWallet } from './test-wallet.ts';

/** Who trades in tests. */
export const trader = testWallet(1);
/** A wallet that is nobody at the exchange. */
export const stranger = testWallet(2);

/** An exchange that lists BTC, ETH and SOL, with still books and 100,000 dollars for the trader. */
export async function quotedExchange(options: HyperliquidSimulatorOptions = {}): Promise<HyperliquidSimulator> {
  const exchange = await startSimulator({
    assets: hyperliquidAssets.slice(0, 3),
    accounts: { [trader.address]: toUsd(100_000) },
    rateLimits: 'off',
    ...options,
  });
  quote(exchange, 'BTC', 50_000);
  quote(exchange, 'ETH', 2_500);
  quote(exchange, 'SOL', 100);
  return exchange;
}

/** Sets a coin's book around a price, 0.01 % a side and 20 units a level, and its mark on it. */
export function quote(exchange: HyperliquidSimulator, coin: string, price: number): void {
  const at = (away: number) => toPrice(Number((price * (1 + away)).toPrecision(5)));
  exchange.engine.setBook(
    coin,
    [1, 2, 3, 4, 5].map((step) => [at(-step / 5_000), toSize(20)] as const),
    [1, 2, 3, 4, 5].map((step) => [at(step / 5_000), toSize(20)] as const),
  );
  exchange.engine.setMark(coin, toPrice(price));
}
