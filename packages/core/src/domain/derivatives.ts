import type { Side } from './market-data.ts';
import type { Reading } from './reading.ts';

/** What open interest and price together say of positions: up/up, up/down, down/up, down/down, or neither moved. */
export type OpenInterestQuadrant = 'new-longs' | 'new-shorts' | 'short-covering' | 'capitulation' | 'flat';

/** How open interest moved over about an hour. */
export interface OpenInterestMove {
  /** Of the size, so that the price is not counted twice; percent. */
  readonly percent: number;
  /** What it is measured over: an hour, or less where less is known, a quarter of an hour at least. */
  readonly spanMs: number;
  /** At the price of now. */
  readonly usd: number;
  /** The price over the same span, percent. Left out without a price at either end. */
  readonly pricePercent?: number;
  readonly quadrant?: OpenInterestQuadrant;
  /** The hour's move against the day's hourly moves, in robust deviations. Left out below 24 of them. */
  readonly z?: number;
}

/** Open interest of one instrument. */
export interface OpenInterestFeatures {
  /** Base units (inverse: contracts). */
  readonly size: number;
  readonly notionalUsd: number;
  readonly move?: OpenInterestMove;
  /** Least-squares slope over four hours, percent of its mean per hour. Left out below an hour and four values. */
  readonly trendPercentPerHour?: number;
}

/** Funding of one instrument. All rates are fractions of notional, positive when longs pay; a rate per 8 h is comparable over intervals. */
export interface FundingFeatures {
  /** The newest word, a prediction where there is one. */
  readonly per8h: number;
  /** The same over 365 days, not compounded. */
  readonly annualized: number;
  readonly predicted: boolean;
  readonly settlesAtMs: number;
  /** The last rate that was settled. */
  readonly realizedPer8h?: number;
  /** What was settled less what had last been predicted of it. */
  readonly surprisePer8h?: number;
  /** The newest against the settled rates before it, in deviations. Left out below eight of them. */
  readonly z?: number;
  /** Less the median of the market's other venues. */
  readonly spreadPer8h?: number;
  /** Among all venues of the market, in robust deviations; from four venues on. Beyond ±3.5 it is an outlier. */
  readonly venueZ?: number;
}

/** What was traded over the last twelve whole five minutes. Left out when over half of them are not known. */
export interface VolumeFeatures {
  /** Value in quote units. */
  readonly usd: number;
  /** How many of the twelve are known. */
  readonly bars: number;
  /** Bought less sold by takers over both, −1 to 1. Only where trades are seen. */
  readonly delta?: number;
  /** The last five minutes against those of the day, in robust deviations of the logarithm. Left out below 24 of them. */
  readonly anomalyZ?: number;
}

/** Liquidations of one side that followed on each other, close in time and price. */
export interface LiquidationCluster {
  /** Of the closing orders: sell = longs were liquidated. */
  readonly side: Side;
  readonly count: number;
  readonly usd: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lowPrice: number;
  readonly highPrice: number;
  /** From the first to the last price, percent. */
  readonly movePercent: number;
}

/** Forced closing over the last hour. */
export interface LiquidationFeatures {
  readonly count: number;
  readonly longsUsd: number;
  readonly shortsUsd: number;
  /** Shorts less longs over both, −1 to 1. */
  readonly imbalance: number;
  /** The largest cluster of the hour, by value, among the newest 64 of each side and venue. */
  readonly largest?: LiquidationCluster;
  /** The newest cluster of the hour that was a cascade. */
  readonly cascade?: LiquidationCluster;
}

/** Where an instrument's mark stands, in basis points. */
export interface BasisFeatures {
  /** Over its index. */
  readonly indexBp?: number;
  /** Over the median mark of the market's other venues. */
  readonly venuesBp?: number;
  /** `indexBp` against the day's, in robust deviations. Left out below 24 values. */
  readonly z?: number;
}

/** What derivatives say of one instrument. A part without data is left out, never 0; each says how good it is. */
export interface InstrumentDerivatives {
  readonly openInterest?: Reading<OpenInterestFeatures>;
  readonly funding?: Reading<FundingFeatures>;
  readonly volume?: Reading<VolumeFeatures>;
  readonly liquidations?: Reading<LiquidationFeatures>;
  readonly basis?: Reading<BasisFeatures>;
}

/** One venue's part in a market's open interest. */
export interface VenuePositions {
  readonly venue: string;
  readonly notionalUsd: number;
  /** The hour's change at the price of now. */
  readonly moveUsd: number;
  /** Its part of all venues, 0 to 1, and how that part changed. */
  readonly share: number;
  readonly shareChange: number;
}

/** Where a market's positions build and unwind; from two venues on that tell their open interest. */
export interface PositionFlow {
  /** By name. */
  readonly venues: readonly VenuePositions[];
  /** Venues that build less those that unwind, weighted by dollars, −1 to 1. */
  readonly build: number;
  /** Over all venues. */
  readonly moveUsd: number;
  /** The part of all positions that is at another venue than an hour ago, 0 to 1. */
  readonly shifted: number;
}

/** How a market's volume spreads over venues; from two on. */
export interface VolumeSpread {
  readonly venues: number;
  /** Herfindahl index, 1/venues (even) to 1 (all at one venue). */
  readonly concentration: number;
  readonly largestVenue: string;
}

/** How a market's funding differs over venues; from two on. Fractions of notional per 8 h. */
export interface FundingSpread {
  readonly venues: number;
  readonly medianPer8h: number;
  readonly lowest: { readonly venue: string; readonly per8h: number };
  readonly highest: { readonly venue: string; readonly per8h: number };
}

/** What derivatives say of a market over all its venues, made of what is fresh. A part without data is left out. */
export interface MarketDerivatives {
  readonly positions?: PositionFlow;
  readonly volume?: VolumeSpread;
  readonly funding?: FundingSpread;
  readonly liquidations?: LiquidationFeatures;
}
