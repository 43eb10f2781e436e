import {
  type BookDelta,
  type BookLevel,
  type Clock,
  type FeedChannel,
  type InstrumentId,
  type OrderBookSnapshot,
  timeframeMs,
} from '@perpdesk/core';
import type { BookProof } from '../book/book-checksum.ts';
import {
  checkBar,
  checkFunding,
  checkLevels,
  checkLiquidation,
  checkOpenInterest,
  checkTrade,
  instant,
  levelTexts,
} from './fact-checks.ts';
import type { FeedStream } from './feed-stream.ts';
import type { CatalogMarket, MarketCatalog } from './market-catalog.ts';
import { QuoteBoard } from './quote-board.ts';
import type {
  FrameSink,
  RawBar,
  RawBook,
  RawFunding,
  RawLiquidation,
  RawOpenInterest,
  RawQuote,
  RawTrade,
} from './raw-facts.ts';
import type { Refusals } from './refusals.ts';
import type { VenueFeed } from './venue-feed.ts';
import { signed, unsigned } from './wire-values.ts';

export interface FeedSinkOptions {
  readonly clock: Clock;
  readonly catalog: MarketCatalog;
  readonly refusals: Refusals;
  readonly needs: NonNullable<VenueFeed['needs']>;
  /** The stream of a market's channel, when somebody watches it. */
  readonly stream: (id: InstrumentId, channel: FeedChannel) => FeedStream | undefined;
  /** A fact was taken. */
  readonly taken: () => void;
  /** A frame of a socket could not be read at all: any of its streams may have lost something. */
  readonly unreadable: (url: string) => void;
}

/**
 * The edge: checks every fact of a frame and hands what can be right to its stream. What can not is refused by itself, the
 * rest of its frame goes on.
 */
export class FeedSink implements FrameSink {
  readonly #options: FeedSinkOptions;
  #frame: unknown;
  #url = '';
  #receivedAtMs = 0;

  constructor(options: FeedSinkOptions) {
    this.#options = options;
  }

  get receivedAtMs(): number {
    // An answer is read when it is there; a frame is as of its arrival.
    return this.#url === '' ? this.#options.clock.nowMs() : this.#receivedAtMs;
  }

  /** Everything from now on is of this frame. `url` is empty for an answer to a request. */
  begin(frame: unknown, url: string): void {
    this.#frame = frame;
    this.#url = url;
    this.#receivedAtMs = this.#options.clock.nowMs();
  }

  trade(symbol: unknown, raw: RawTrade): void {
    const market = this.#market(symbol, 'trades');
    if (market === undefined) return;
    const trade = checkTrade(market, raw, this.receivedAtMs);
    if (typeof trade === 'string') return this.#refuse(trade, market, 'trades');
    this.#stream(market, 'trades')?.trades?.offer(trade);
    if (this.#options.needs.ticker?.includes('trades'))
      this.quote(symbol, { last: trade.price, atMs: trade.exchangeAtMs });
  }

  book(symbol: unknown, raw: RawBook): void {
    const market = this.#market(symbol, 'book');
    if (market === undefined) return;
    const book = this.snapshotOf(market, raw);
    if (typeof book === 'string') return this.#refuse(book, market, 'book');
    const stream = this.#stream(market, 'book');
    stream?.book?.book(book, proofOf(raw));
    if (stream !== undefined) this.#quoteBest(market, stream);
  }

  bookDelta(symbol: unknown, raw: RawBook): void {
    const market = this.#market(symbol, 'book');
    if (market === undefined) return;
    const sides = this.#sides(market, raw);
    if (typeof sides === 'string') return this.#refuse(sides, market, 'book');
    const sequence = counter(raw.sequence);
    if (sequence === undefined) return this.#refuse('book.sequence', market, 'book');
    const firstSequence = counter(raw.firstSequence);
    const previousSequence = counter(raw.previousSequence);
    if (
      (raw.firstSequence !== undefined) !== (firstSequence !== undefined) ||
      (raw.previousSequence !== undefined) !== (previousSequence !== undefined)
    ) {
      return this.#refuse('book.sequence', market, 'book');
    }
    const delta: BookDelta = {
      ...sides,
      sequence,
      ...(firstSequence === undefined ? {} : { firstSequence }),
      ...(previousSequence === undefined ? {} : { previousSequence }),
    };
    const stream = this.#stream(market, 'book');
    stream?.book?.delta(delta, proofOf(raw));
    if (stream !== undefined) this.#quoteBest(market, stream);
  }

  /** Tells the ticker the best of a whole book, where the venue's ticker has none. */
  #quoteBest(market: CatalogMarket, stream: FeedStream): void {
    if (!this.#options.needs.ticker?.includes('book') || !stream.book?.live) return;
    const { bestBid: bid, bestAsk: ask, exchangeAtMs: atMs } = stream.book.synchronizer.book;
    if (bid > 0 && ask > 0) this.quote(market.nativeId, { bid, ask, atMs });
  }

  bar(symbol: unknown, raw: RawBar): void {
    const market = this.#market(symbol, 'candles');
    if (market === undefined) return;
    const bar = checkBar(market, raw, this.receivedAtMs, timeframeMs(raw.timeframe));
    if (typeof bar === 'string') return this.#refuse(bar, market, 'candles');
    this.#stream(market, 'candles')?.bars?.offer(bar, raw.closed);
  }

  quote(symbol: unknown, raw: RawQuote): void {
    const market = this.#market(symbol, 'ticker');
    if (market === undefined) return;
    const board = this.#options.stream(market.instrument.id, 'ticker');
    // Open interest is valued at the mark, whoever watches the ticker.
    const ticker = (board?.quotes ?? this.#boardOf(market)).offer(raw, this.receivedAtMs);
    if (typeof ticker === 'string') return this.#refuse(ticker, market, 'ticker');
    const stream = this.#stream(market, 'ticker');
    if (ticker !== undefined) stream?.tell({ kind: 'ticker', ticker }, ticker);
  }

  funding(symbol: unknown, raw: RawFunding): void {
    const market = this.#market(symbol, 'funding');
    if (market === undefined) return;
    const funding = checkFunding(market, raw, this.receivedAtMs);
    if (typeof funding === 'string') return this.#refuse(funding, market, 'funding');
    this.#stream(market, 'funding')?.tellState({ kind: 'funding', funding }, funding);
  }

  openInterest(symbol: unknown, raw: RawOpenInterest): void {
    const market = this.#market(symbol, 'open-interest');
    if (market === undefined) return;
    const size = unsigned(raw.size) * market.sizeUnit;
    const notionalUsd = raw.notionalUsd === undefined ? this.#valueOf(market, size) : unsigned(raw.notionalUsd);
    // Before the first mark price its value is not known.
    if (raw.notionalUsd === undefined && Number.isNaN(notionalUsd) && size >= 0) return;
    const openInterest = checkOpenInterest(market, { size, notionalUsd, atMs: raw.atMs }, this.receivedAtMs);
    if (typeof openInterest === 'string') return this.#refuse(openInterest, market, 'open-interest');
    this.#stream(market, 'open-interest')?.tellState({ kind: 'open-interest', openInterest }, openInterest);
  }

  liquidation(symbol: unknown, raw: RawLiquidation): void {
    const market = this.#market(symbol, 'liquidations');
    if (market === undefined) return;
    const liquidation = checkLiquidation(market, raw, this.receivedAtMs);
    if (typeof liquidation === 'string') return this.#refuse(liquidation, market, 'liquidations');
    this.#stream(market, 'liquidations')?.tell({ kind: 'liquidation', liquidation }, liquidation);
  }

  refuse(reason: string): void {
    this.#options.refusals.add({ reason, frame: this.#frame }, this.receivedAtMs);
    if (this.#url !== '') this.#options.unreadable(this.#url);
  }

  /** A whole book, or why it is none. */
  snapshotOf(market: CatalogMarket, raw: RawBook): OrderBookSnapshot | string {
    const read = this.#sides(market, raw);
    if (typeof read === 'string') return read;
    const sides = { ...read, bids: ranked(read.bids, -1), asks: ranked(read.asks, 1) };
    if (raw.sequence === undefined) return sides;
    const sequence = counter(raw.sequence);
    return sequence === undefined ? 'book.sequence' : { ...sides, sequence };
  }

  readonly #boards = new Map<InstrumentId, FeedStream['quotes']>();

  #boardOf(market: CatalogMarket): FeedStream['quotes'] {
    const known = this.#boards.get(market.instrument.id);
    if (known !== undefined) return known;
    const board = new QuoteBoard(market.instrument.id);
    this.#boards.set(market.instrument.id, board);
    return board;
  }

  #valueOf(market: CatalogMarket, size: number): number {
    const { instrument } = market;
    if (instrument.contract === 'inverse') return size * Number(instrument.contractSize);
    const ticker = this.#options.stream(instrument.id, 'ticker')?.quotes.mark ?? Number.NaN;
    return size * (ticker > 0 ? ticker : this.#boardOf(market).mark);
  }

  #sides(market: CatalogMarket, raw: RawBook): Omit<OrderBookSnapshot, 'sequence'> | string {
    const bids = checkLevels(raw.bids, market.sizeUnit);
    const asks = checkLevels(raw.asks, market.sizeUnit);
    if (bids === undefined || asks === undefined) return 'book.levels';
    const exchangeAtMs = instant(raw.atMs, this.receivedAtMs);
    if (Number.isNaN(exchangeAtMs)) return 'book.time';
    return { instrumentId: market.instrument.id, bids, asks, exchangeAtMs, receivedAtMs: this.receivedAtMs };
  }

  #market(symbol: unknown, channel: FeedChannel): CatalogMarket | undefined {
    const market = this.#options.catalog.byNativeId(symbol);
    if (market === undefined) this.refuse(`${channel}.instrument`);
    return market;
  }

  #stream(market: CatalogMarket, channel: FeedChannel): FeedStream | undefined {
    this.#options.taken();
    const stream = this.#options.stream(market.instrument.id, channel);
    stream?.heard(this.#url, this.receivedAtMs);
    return stream;
  }

  #refuse(reason: string, market: CatalogMarket, channel: FeedChannel): void {
    const instrumentId = market.instrument.id;
    this.#options.refusals.add({ reason, channel, instrumentId, frame: this.#frame }, this.receivedAtMs);
    this.#options.stream(instrumentId, channel)?.refused();
  }
}

/** The levels of a whole book as the domain has them: best first, none that is empty. */
function ranked(levels: BookLevel[], direction: 1 | -1): BookLevel[] {
  const isRanked = levels.every(
    ([price, size], i) => size > 0 && (i === 0 || direction * (price - (levels[i - 1]?.[0] ?? 0)) > 0),
  );
  if (isRanked) return levels;
  return levels.filter(([, size]) => size > 0).sort(([a], [b]) => direction * (a - b));
}

/** A number of a sequence: whole, of either sign; undefined when it is none. */
function counter(value: unknown): number | undefined {
  const parsed = signed(value);
  return Number.isSafeInteger(parsed) ? parsed : undefined;
}

/** What a venue sent beside a book's numbers; undefined where it sends none. */
export function proofOf(raw: RawBook): BookProof | undefined {
  if (!('checksum' in raw)) return undefined;
  const checksum = raw.checksum === undefined ? undefined : counter(raw.checksum);
  const texts = { bids: levelTexts(raw.bids), asks: levelTexts(raw.asks) };
  return checksum === undefined ? texts : { ...texts, checksum };
}
