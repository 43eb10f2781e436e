import {
  type Candle,
  type Clock,
  type FundingRate,
  type SeriesRange,
  type Trade,
  timeframeMs,
  VenueError,
} from '@perpdesk/core';
import type { CcxtClient } from '@perpdesk/core/ccxt';
import type { FetchedBook } from './book-stream.ts';
import { checkBar, checkFunding, checkTrade } from './fact-checks.ts';
import { type FeedSink, proofOf } from './feed-sink.ts';
import type { CatalogMarket } from './market-catalog.ts';
import type { TradeMark, VenueFeed } from './venue-feed.ts';

export interface VenueRequestsOptions {
  readonly venue: VenueFeed;
  readonly client: CcxtClient;
  readonly clock: Clock;
  /** Counts what can not be right in an answer. */
  readonly sink: FeedSink;
  /** The venue's present, by its skew. */
  readonly venueNowMs: () => number;
}

type Signalled = { readonly signal?: AbortSignal };

const barsPerRequest = 500;
const mostRequests = 200;

/** What a feed asks of its venue by REST: page by page, each row checked, none twice, oldest first. */
export class VenueRequests {
  readonly #options: VenueRequestsOptions;

  constructor(options: VenueRequestsOptions) {
    this.#options = options;
  }

  /** Bars of a range that are closed by the venue's clock. */
  async candles(
    market: CatalogMarket,
    range: Omit<SeriesRange, 'instrumentId'>,
    options: Signalled,
  ): Promise<Candle[]> {
    const { venue, client, venueNowMs } = this.#options;
    const { timeframe } = range;
    const barMs = timeframeMs(timeframe);
    const bars: Candle[] = [];
    const toMs = Math.min(range.toMs, Math.floor(venueNowMs() / barMs) * barMs);
    let fromMs = Math.ceil(range.fromMs / barMs) * barMs;
    for (let request = 0; fromMs < toMs && request < mostRequests; request += 1) {
      options.signal?.throwIfAborted();
      const untilMs = Math.min(toMs, fromMs + barsPerRequest * barMs);
      const rows = await venue.fetchBars(client, market, { timeframe, fromMs, toMs: untilMs });
      const nowMs = this.#options.clock.nowMs();
      for (const bar of this.#sound(rows, (row) => checkBar(market, row, nowMs, barMs))) {
        const lastMs = bars.at(-1)?.openAtMs ?? fromMs - barMs;
        if (bar.openAtMs > lastMs && bar.openAtMs < untilMs) bars.push(bar);
      }
      fromMs = untilMs;
    }
    return bars;
  }

  /** Settled funding of a range. */
  async funding(
    market: CatalogMarket,
    range: { readonly fromMs: number; readonly toMs: number },
    options: Signalled,
  ): Promise<FundingRate[]> {
    const { venue, client, clock } = this.#options;
    const found: FundingRate[] = [];
    let fromMs = range.fromMs;
    for (let request = 0; fromMs < range.toMs && request < mostRequests; request += 1) {
      options.signal?.throwIfAborted();
      const rows = (await venue.fetchFunding?.(client, market, { fromMs, toMs: range.toMs })) ?? [];
      const receivedAtMs = clock.nowMs();
      const before = found.length;
      for (const rate of this.#sound(rows, (row) => checkFunding(market, row, receivedAtMs))) {
        const lastMs = found.at(-1)?.settlesAtMs ?? Number.NEGATIVE_INFINITY;
        if (rate.settlesAtMs < fromMs || rate.settlesAtMs <= lastMs || rate.settlesAtMs >= range.toMs) continue;
        // Settlements nearer together than the usual interval prove a shorter one.
        found.push({ ...rate, intervalMs: Math.min(rate.intervalMs, rate.settlesAtMs - lastMs) });
      }
      if (found.length === before) break;
      fromMs = (found.at(-1)?.settlesAtMs ?? fromMs) + 1;
    }
    return found;
  }

  /** Trades from the last known one on. */
  async trades(market: CatalogMarket, since: TradeMark): Promise<Trade[]> {
    const { venue, client, clock } = this.#options;
    const rows = (await venue.trades.fetch?.(client, market, since)) ?? [];
    const receivedAtMs = clock.nowMs();
    return this.#sound(rows, (row) => checkTrade(market, row, receivedAtMs));
  }

  /** A whole book. @throws VenueError `venue.unreadable` when it can not be one. */
  async book(market: CatalogMarket): Promise<FetchedBook> {
    const { venue, client, sink } = this.#options;
    if (venue.book.fetch === undefined)
      throw new VenueError('venue.refused', `${venue.venue} gives no whole book by request.`);
    const raw = await venue.book.fetch(client, market);
    sink.begin(raw, '');
    const book = sink.snapshotOf(market, raw);
    if (typeof book !== 'string') return { book, proof: proofOf(raw) };
    sink.refuse(book);
    throw new VenueError('venue.unreadable', `${venue.venue} answered a book that can not be: ${book}.`, {
      retryable: true,
    });
  }

  /** The rows that can be right; the others are counted. */
  #sound<Row, Fact extends object>(rows: readonly Row[], check: (row: Row) => Fact | string): Fact[] {
    const facts: Fact[] = [];
    for (const row of rows) {
      const fact = check(row);
      if (typeof fact !== 'string') {
        facts.push(fact);
        continue;
      }
      this.#options.sink.begin(row, '');
      this.#options.sink.refuse(fact);
    }
    return facts;
  }
}
