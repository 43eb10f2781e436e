/** What a simulated market is like. Shares of price are fractions, money is US dollars. */
export interface SimulatedMarket {
  readonly base: string;
  /** The price that it wanders around. */
  readonly anchorPrice: number;
  /** How much of the common factor's moves it follows. */
  readonly beta: number;
  /** The usual move of its own in a minute (one standard deviation). */
  readonly ownVolatility: number;
  /** Traded in a day at all venues together. */
  readonly dailyVolumeUsd: number;
  readonly openInterestUsd: number;
  /** Resting on one side of the reference venue's first 20 levels. */
  readonly depthUsd: number;
  /** The usual distance of bid and ask. */
  readonly spread: number;
}

/** What a simulated venue is like. */
export interface SimulatedVenue {
  readonly name: string;
  /** Its part of volume, open interest and depth; those of all venues sum to one. */
  readonly share: number;
  readonly fundingIntervalMs: number;
  /** The usual change of its price against the common one in a minute. */
  readonly basisVolatility: number;
}

/** The common factor's usual move in a minute. */
export const commonVolatility = 0.00033;

/** Prices and sizes of the order of mid 2025. */
export const simulatedMarkets: readonly SimulatedMarket[] = [
  {
    base: 'BTC',
    anchorPrice: 112_000,
    beta: 1,
    ownVolatility: 0.00012,
    dailyVolumeUsd: 9e9,
    openInterestUsd: 12e9,
    depthUsd: 9e6,
    spread: 0.00001,
  },
  {
    base: 'ETH',
    anchorPrice: 3600,
    beta: 1.25,
    ownVolatility: 0.00022,
    dailyVolumeUsd: 7e9,
    openInterestUsd: 8e9,
    depthUsd: 6e6,
    spread: 0.00003,
  },
  {
    base: 'SOL',
    anchorPrice: 180,
    beta: 1.4,
    ownVolatility: 0.00032,
    dailyVolumeUsd: 2.4e9,
    openInterestUsd: 2.5e9,
    depthUsd: 2.2e6,
    spread: 0.00006,
  },
  {
    base: 'XRP',
    anchorPrice: 2.95,
    beta: 1.15,
    ownVolatility: 0.00034,
    dailyVolumeUsd: 1.5e9,
    openInterestUsd: 1.6e9,
    depthUsd: 1.4e6,
    spread: 0.00006,
  },
  {
    base: 'DOGE',
    anchorPrice: 0.22,
    beta: 1.45,
    ownVolatility: 0.00036,
    dailyVolumeUsd: 1.1e9,
    openInterestUsd: 1e9,
    depthUsd: 0.9e6,
    spread: 0.00008,
  },
];

/** The first is the reference: no basis of its own. */
export const simulatedVenues: readonly SimulatedVenue[] = [
  { name: 'hyperliquid', share: 0.3, fundingIntervalMs: 3_600_000, basisVolatility: 0 },
  { name: 'binance', share: 0.45, fundingIntervalMs: 28_800_000, basisVolatility: 0.00002 },
  { name: 'bybit', share: 0.25, fundingIntervalMs: 28_800_000, basisVolatility: 0.00003 },
];
