import type { Candle } from '../domain/candle.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import type {
  BookDelta,
  FundingRate,
  Liquidation,
  OpenInterest,
  OrderBookSnapshot,
  Ticker,
  Trade,
} from '../domain/market-data.ts';
import type { Unsubscribe } from './event-bus.ts';
import type { Service } from './service.ts';
import type { SeriesRange } from './time-series-store.ts';

/** What can be watched of an instrument. */
export type FeedChannel = 'trades' | 'book' | 'candles' | 'ticker' | 'funding' | 'open-interest' | 'liquidations';

/** Why a span of a stream was missed. */
export type FeedGapReason = 'disconnected' | 'silent' | 'sequence' | 'checksum' | 'overflow' | 'invalid';

/** A span of a stream in which something was or may have been missed. Told once, when its end is known. */
export interface FeedGap {
  readonly instrumentId: InstrumentId;
  readonly channel: FeedChannel;
  readonly reason: FeedGapReason;
  /** The last instant that is known to be whole, ms UTC. */
  readonly fromMs: number;
  /** From here on it is whole again, ms UTC. */
  readonly toMs: number;
  /** True when what was missed was fetched and has been told before this, in order. */
  readonly filled: boolean;
}

/** How a stream is. */
export interface StreamStatus {
  readonly instrumentId: InstrumentId;
  readonly channel: FeedChannel;
  /** `live`: what is said is current. `stale`: silent for longer than it may be. `down`: not connected. */
  readonly status: 'connecting' | 'live' | 'stale' | 'down';
  /** The last update's arrival, ms UTC; undefined before the first. */
  readonly lastUpdateAtMs: number | undefined;
  readonly updates: number;
  /** Payloads refused since the start because they could not be what they said. */
  readonly invalid: number;
  readonly reconnects: number;
}

/** One thing a feed says, in the order it came. A `book` replaces what was known; deltas follow it without a hole. */
export type FeedUpdate =
  | { readonly kind: 'trade'; readonly trade: Trade }
  | { readonly kind: 'book'; readonly book: OrderBookSnapshot }
  | { readonly kind: 'book-delta'; readonly delta: BookDelta }
  /** A venue's own bar: each state of the forming one, then once closed. */
  | { readonly kind: 'candle'; readonly candle: Candle; readonly closed: boolean; readonly receivedAtMs: number }
  | { readonly kind: 'ticker'; readonly ticker: Ticker }
  | { readonly kind: 'funding'; readonly funding: FundingRate }
  | { readonly kind: 'open-interest'; readonly openInterest: OpenInterest }
  | { readonly kind: 'liquidation'; readonly liquidation: Liquidation }
  | { readonly kind: 'gap'; readonly gap: FeedGap }
  | { readonly kind: 'status'; readonly status: StreamStatus };

/** What to watch: every channel of every instrument named. Channels a venue does not have are passed over. */
export interface FeedSubscription {
  readonly instrumentIds: readonly InstrumentId[];
  readonly channels: readonly FeedChannel[];
}

/**
 * One venue's market data as it happens. It reconnects by itself, says what it missed, and never says a thing twice: a trade
 * once by its id, each bar closed once. Reading methods throw VenueError when the venue can not answer.
 */
export interface MarketFeed extends Service {
  readonly venue: string;
  /** What this venue has. */
  readonly channels: ReadonlySet<FeedChannel>;
  /** All perpetuals the venue lists, inverse ones too. */
  fetchInstruments(options?: { readonly signal?: AbortSignal }): Promise<readonly Instrument[]>;
  /** Closed bars of a range, oldest first; as far back as the venue keeps them. */
  fetchCandles(range: SeriesRange, options?: { readonly signal?: AbortSignal }): Promise<readonly Candle[]>;
  /** Settled funding of a range, oldest first. Left out where the venue can not tell. */
  fetchFunding?(
    range: { readonly instrumentId: InstrumentId; readonly fromMs: number; readonly toMs: number },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly FundingRate[]>;
  /**
   * Calls back with everything from now on, at once and in order. The listener must not block: what is slow takes it from a
   * bus. Two subscriptions to the same stream share one.
   */
  watch(subscription: FeedSubscription, listener: (update: FeedUpdate) => void): Unsubscribe;
  /** How each watched stream is. */
  streams(): readonly StreamStatus[];
}
