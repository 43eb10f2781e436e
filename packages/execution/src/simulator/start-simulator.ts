import { HyperliquidSimulator } from './hyperliquid-simulator.ts';
import type { HyperliquidSimulatorOptions } from './simulator-options.ts';

/**
 * Starts a local Hyperliquid in one line; `await using` stops it at the end of the block.
 * @throws Error when the port is taken.
 * @example
 * await using exchange = await startSimulator({ accounts: { [address]: toUsd(10_000) }, market: true });
 */
export async function startSimulator(options: HyperliquidSimulatorOptions = {}): Promise<HyperliquidSimulator> {
  const simulator = new HyperliquidSimulator(options);
  await simulator.start();
  return simulator;
}
