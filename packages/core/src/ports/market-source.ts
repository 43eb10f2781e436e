import type { Candle } from '../domain/candle.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { MacroEvent, MacroRelease } from '../domain/macro.ts';
import type {
  FundingRate,
  Liquidation,
  OpenInterest,
  OrderBookSnapshot,
  Ticker,
  Trade,
} from '../domain/market-data.ts';
import type { FeedGap } from './market-feed.ts';

/** One thing a source says, in the order it happened. */
export type MarketObservation =
  | { readonly kind: 'candle'; readonly candle: Candle }
  /** A 1m bar as far as it came: for eyes, nothing is decided on it. */
  | { readonly kind: 'forming-candle'; readonly candle: Candle }
  | { readonly kind: 'ticker'; readonly ticker: Ticker }
  | { readonly kind: 'trade'; readonly trade: Trade }
  | { readonly kind: 'book'; readonly book: OrderBookSnapshot }
  | { readonly kind: 'funding'; readonly funding: FundingRate }
  | { readonly kind: 'open-interest'; readonly openInterest: OpenInterest }
  | { readonly kind: 'liquidation'; readonly liquidation: Liquidation }
  | { readonly kind: 'macro-scheduled'; readonly event: MacroEvent }
  | { readonly kind: 'macro-released'; readonly release: MacroRelease };

/** A batch of observations that became known at one instant. Base-timeframe candles appear at their close. */
export interface MarketStep {
  readonly atMs: number;
  readonly observations: readonly MarketObservation[];
  /** Spans of streams that were missed and whose end became known by now. They lie before the observations. Default: none. */
  readonly gaps?: readonly FeedGap[];
}

/**
 * Where market data comes from: a replay of recorded files, the market simulator, live feeds. A finite or endless
 * sequence of steps in time order; who drives it (at a speed, or as fast as it goes) owns the clock.
 */
export interface MarketSource {
  readonly name: string;
  /** The venue-listed instruments the source has data for. Called first. */
  instruments(options?: { readonly signal?: AbortSignal }): Promise<readonly Instrument[]>;
  /** Closed bars before the first step, oldest first, any timeframe, a series at a time: what indicators warm on. */
  history(options?: { readonly signal?: AbortSignal }): AsyncIterable<readonly Candle[]>;
  /**
   * What else was known before the first step: settled funding, open interest, macro events, each kind oldest first. It
   * fills views and is never acted on again: a position that is open did pay the funding that is told here.
   */
  background?(options?: { readonly signal?: AbortSignal }): AsyncIterable<readonly MarketObservation[]>;
  /** The steps, oldest first. */
  steps(options?: { readonly signal?: AbortSignal }): AsyncIterable<MarketStep>;
}
