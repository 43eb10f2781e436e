import type { FeedChannel, Instrument } from '@perpdesk/core';
import type { CcxtClient, CcxtVenue, GuardedExchange } from '@perpdesk/core/ccxt';
import type { BookChecksum } from '../book/book-checksum.ts';
import type { SequenceRule } from '../book/sequence-rule.ts';
import type { ListedMarket } from './listed-market.ts';
import type { FrameSink, RawBar, RawBook, RawFunding, RawTrade } from './raw-facts.ts';

/** A channel's socket subscription: what ccxt is asked to watch. */
export type WatchCall = (exchange: GuardedExchange, symbol: string) => Promise<unknown>;

/** A market to ask a venue about. */
export interface AskedMarket {
  readonly instrument: Instrument;
  /** ccxt's symbol. */
  readonly symbol: string;
  /** The venue's own name, as its frames say it. */
  readonly nativeId: string;
}

/** Reads a frame into the sink. False: nothing of ours, ccxt shall see it. */
export type FrameReader = (frame: unknown, sink: FrameSink) => boolean;

/** What is asked by REST again and again because the venue has no socket channel for it. */
export interface PollCall {
  readonly everyMs: number;
  /** Asks and tells the sink, for one market; with `together`, for all markets at once. */
  readonly ask: (client: CcxtClient, markets: readonly AskedMarket[], sink: FrameSink) => Promise<void>;
  readonly together?: boolean;
}

/** How a venue's book comes. */
export interface BookSource {
  readonly rule: SequenceRule;
  /**
   * `rest`: deltas on the socket, whole books by request. `stream`: whole books on the socket, at the beginning or always.
   * `either`: by request, or by subscribing anew when that fails.
   */
  readonly snapshot: 'rest' | 'stream' | 'either';
  /** Fetches a whole book, for `rest` and `either`. */
  readonly fetch?: (client: CcxtClient, market: AskedMarket) => Promise<RawBook>;
  readonly checksum?: () => BookChecksum;
  /** Where the stream is a window of so many levels. */
  readonly depth?: number;
}

/** How a venue's past trades are read. */
export interface TradeSource {
  /** True where ids are whole numbers without a hole, so that a missing trade shows. */
  readonly sequentialIds: boolean;
  /**
   * Trades after the last one known, oldest first, as far as one or a few requests give; the venue's limits apply. Left out
   * where the venue tells no past trades.
   */
  readonly fetch?: (client: CcxtClient, market: AskedMarket, since: TradeMark) => Promise<readonly RawTrade[]>;
}

/** The last trade that is known. */
export interface TradeMark {
  readonly id: string;
  readonly atMs: number;
}

/**
 * What differs from venue to venue, and nothing else: one such object per file of venues/. Whatever a frame or an answer holds
 * is handed to the sink unchecked; the sink checks it the same for all.
 */
export interface VenueFeed {
  /** Our name of the venue, in instrument ids. */
  readonly venue: CcxtVenue;
  /** The quote asset whose markets are named by their base alone: `BTC-PERP`; others carry theirs: `BTC.USDC-PERP`. */
  readonly quote: string;
  readonly defaults: ListingDefaults;
  /** What is watched for a channel; several calls where a channel is put together of several streams. */
  readonly watches: Readonly<Partial<Record<FeedChannel, readonly WatchCall[]>>>;
  readonly polls: Readonly<Partial<Record<FeedChannel, PollCall>>>;
  /** How long a stream may say nothing before it is taken for dead, ms. Left out for channels that may be silent for long. */
  readonly silentAfterMs: Readonly<Partial<Record<FeedChannel, number>>>;
  readonly book: BookSource;
  readonly trades: TradeSource;
  /** Laid over ccxt's options. */
  readonly ccxtOptions?: Readonly<Record<string, unknown>>;
  /** True when the socket needs keys even for public data. */
  readonly socketNeedsKeys?: boolean;
  /** The base asset as the venue writes it, where ccxt's spelling loses something. */
  base?(market: ListedMarket): string | undefined;
  /** The name that frames call a market by. */
  nativeId(market: ListedMarket): string | undefined;
  /** What of an instrument is not in ccxt's listing. */
  refine?(market: ListedMarket, instrument: Instrument): Instrument;
  /**
   * The distance of settlements by the venue's own names, ms, where they differ from market to market and the listing does
   * not say. A market that is not in it has the usual one.
   */
  fetchFundingIntervals?(client: CcxtClient): Promise<ReadonlyMap<string, number>>;
  /** The message that ends what another began. Left out: the socket is dropped to begin a book anew. */
  unsubscribe?(subscription: unknown): unknown;
  /**
   * Channels that another one is put together from, watched with it: where a venue's ticker has no bid and ask they are the
   * book's best, where it has no last price it is the last trade's.
   */
  readonly needs?: Readonly<Partial<Record<FeedChannel, readonly FeedChannel[]>>>;
  /** Makes a reader of this venue's frames for one feed. */
  reader(): FrameReader;
  /** Closed and forming bars that open in [fromMs, toMs), oldest first; as many as one request gives. */
  fetchBars(
    client: CcxtClient,
    market: AskedMarket,
    range: { readonly timeframe: RawBar['timeframe']; readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly RawBar[]>;
  /** Settled funding in [fromMs, toMs), oldest first; as much as one request gives. */
  fetchFunding?(
    client: CcxtClient,
    market: AskedMarket,
    range: { readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly RawFunding[]>;
}

/** What a venue's listing may lack. */
export interface ListingDefaults {
  readonly makerFeeRate: string;
  readonly takerFeeRate: string;
  readonly fundingIntervalMs: number;
  /** In quote units. */
  readonly minNotional: number;
  /** Where the listing names no maximum leverage: a cautious one. */
  readonly maxLeverage: number;
}
