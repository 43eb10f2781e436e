import type {
  PredictionBook,
  PredictionContract,
  PredictionQuote,
  PredictionTrade,
} from '../domain/prediction-market.ts';
import type { Unsubscribe } from './event-bus.ts';
import type { FeedGapReason, StreamStatus } from './market-feed.ts';

/** Which contracts are looked for. All that is said must hold. */
export interface PredictionQuery {
  /**
   * Words of the question. Where a venue has no search of its own, the pages asked for are sifted. With words a page may hold
   * more than `limit`: what is counted are then questions or pages, with all their contracts.
   */
  readonly text?: string;
  /** At least so much in the last 24 hours, in the unit of `PredictionContract.volume`. */
  readonly minVolume24h?: number;
  /** Closing from here, ms UTC. */
  readonly closesFromMs?: number;
  /** Closing before, ms UTC. */
  readonly closesBeforeMs?: number;
  /** Contracts asked for at once, 1 to 100. Default 50. A page may hold fewer than fit, and more pages follow. */
  readonly limit?: number;
  /** Of the page before. */
  readonly cursor?: string;
}

/** Some of the contracts that fit, the most traded first where the venue can order them. */
export interface PredictionPage {
  readonly contracts: readonly PredictionContract[];
  /** What to ask the next page with; left out at the end. */
  readonly cursor?: string;
  /** Entries that could not be read. */
  readonly refused: number;
}

/** What a watched contract does, in the order it came. */
export type PredictionUpdate =
  | { readonly kind: 'quote'; readonly quote: PredictionQuote }
  | { readonly kind: 'trade'; readonly trade: PredictionTrade }
  /** A span in which quotes and trades were or may have been missed. The quote after it is whole, the trades are not filled. */
  | {
      readonly kind: 'gap';
      readonly contractId: string;
      readonly reason: FeedGapReason;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** `stale` and `down`: the last quote is not to be taken for the present one. */
  | { readonly kind: 'status'; readonly contractId: string; readonly status: StreamStatus['status'] }
  /** The contract as it was resolved. Told once; nothing follows it. */
  | { readonly kind: 'resolved'; readonly contract: PredictionContract };

/**
 * One prediction market's data. All questions, rules and names are foreign text, cleaned and capped. Reading methods throw
 * VenueError when the venue can not answer.
 */
export interface PredictionSource {
  readonly venue: PredictionContract['venue'];
  /** One page of open contracts. */
  search(query: PredictionQuery, options?: { readonly signal?: AbortSignal }): Promise<PredictionPage>;
  /**
   * The contract that a link, slug, ticker or id means, as it is now, also when it is closed or resolved.
   * @throws ValidationError `prediction.reference` when it is none that is understood, `prediction.ambiguous` when it means
   * several, with their names, `prediction.unknown` when the venue has none.
   */
  resolve(reference: string, options?: { readonly signal?: AbortSignal }): Promise<PredictionContract>;
  fetchBook(contract: PredictionContract, options?: { readonly signal?: AbortSignal }): Promise<PredictionBook>;
  /** The latest trades, oldest first, at most `limit` (1 to 500). */
  fetchTrades(
    contract: PredictionContract,
    limit: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly PredictionTrade[]>;
  /** Calls back with everything from now on, at once and in order. The listener must not block. */
  watch(contracts: readonly PredictionContract[], listener: (update: PredictionUpdate) => void): Unsubscribe;
  /** Ends everything watched and lets go of connections. Never throws. */
  close(): Promise<void>;
}
