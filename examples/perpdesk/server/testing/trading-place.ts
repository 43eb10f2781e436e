import { SeededRandom, toPrice, toSize, toUsd } from '@perpdesk/core';
import {
  type ExchangeCandle,
  type HyperliquidSimulator,
  hyperliquidAssets,
  startSimulator,
} from '@perpdesk/execution/simulator';
import { testWallet } from '../../../../packages/execution/src/simulator/testing/test-wallet.ts';

/** Whose account it is, and the agent's key that trades for it. */
export const owner = testWallet(21);
export const agent = testWallet(22);

/** Where BTC stands when nothing moved it yet. */
export const startPrice = 60_000;
const minuteMs = 60_000;
const intervals = { '1m': 1, '5m': 5, '15m': 15, '1h': 60, '4h': 240, '1d': 1_440 } as const;

/**
 * A local Hyperliquid that lists BTC, rising for days, with an account of 10,000 dollars and its agent: what a desk reads its
 * prices from and trades on.
 */
export async function startTradingPlace(network: 'mainnet' | 'testnet' = 'testnet'): Promise<HyperliquidSimulator> {
  const exchange = await startSimulator({
    ...{ network, assets: hyperliquidAssets.filter(({ coin }) => coin === 'BTC'), rateLimits: 'off' },
    accounts: { [owner.address]: toUsd(10_000) },
    market: { seed: 'rising', prices: { BTC: startPrice }, volatility: 0.02 },
  });
  exchange.approveAgent(owner.address, agent.address, { name: 'desk' });
  for (const [interval, minutes] of Object.entries(intervals))
    exchange.loadCandles(
      'BTC',
      interval as keyof typeof intervals,
      risingBars(minutes * minuteMs, exchange.clock.nowMs()),
    );
  return exchange;
}

/** What the product is started with to find the exchange in Hyperliquid's place, and nobody elsewhere. */
export const placeEnvironment = (exchange: HyperliquidSimulator): Record<string, string> => ({
  PERPDESK_VENUE_HYPERLIQUID: new URL(exchange.url).host,
  ...{ PERPDESK_VENUE_POLYMARKET: '127.0.0.1:9', PERPDESK_VENUE_KALSHI: '127.0.0.1:9' },
});

export const secretLines = `walletAddress=${owner.address}\nprivateKey=${agent.privateKey}\n`;

/** A steady rise that breathes, 5 % a day with swings of 0.3 % in six hours: the rules are for it at any time of the day. */
function priceAt(atMs: number, nowMs: number): number {
  const days = (nowMs - atMs) / 86_400_000;
  return startPrice * Math.exp(-0.05 * days) * (1 + 0.003 * Math.sin(-2 * Math.PI * days * 4));
}

function risingBars(lengthMs: number, nowMs: number): ExchangeCandle[] {
  const random = new SeededRandom(`bars of ${lengthMs}`);
  const last = Math.floor(nowMs / lengthMs) * lengthMs;
  const count = lengthMs === minuteMs ? 1_500 : 310;
  const price = (value: number) => toPrice(Math.round(value));
  return Array.from({ length: count }, (_, index) => {
    const openMs = last - (count - 1 - index) * lengthMs;
    const closeMs = openMs + lengthMs - 1;
    const [open, close] = [priceAt(openMs, nowMs), priceAt(Math.min(closeMs, nowMs), nowMs)];
    const wick = open * 0.0001 * Math.sqrt(lengthMs / (15 * minuteMs));
    const volume = toSize((lengthMs / minuteMs) * Number((2 + random.next()).toFixed(2)));
    return {
      ...{ openMs, closeMs, open: price(open), close: price(close), volume, trades: 50 },
      high: price(Math.max(open, close) + wick * (0.5 + random.next())),
      low: price(Math.min(open, close) - wick * (0.5 + random.next())),
    };
  });
}
