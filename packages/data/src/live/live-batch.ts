import type {
  Candle,
  FeedGap,
  FeedUpdate,
  FundingRate,
  InstrumentId,
  MarketObservation,
  MarketStep,
  OpenInterest,
  Ticker,
} from '@perpdesk/core';
import { OrderBook } from '../book/order-book.ts';

/** Options of {@link LiveBatch}. */
export interface LiveBatchOptions {
  /** Levels a side that a book is told with. */
  readonly bookDepth: number;
  /** Trades and liquidations that may wait. What comes beyond is given up and counted. */
  readonly maxWaiting: number;
}

/**
 * What feeds said since it was last drained: trades, liquidations, settled funding and closed bars all of them in order; of
 * tickers, books, predicted funding, open interest and forming bars the newest of each instrument. And the spans that were
 * missed, those given up here too.
 */
export class LiveBatch {
  readonly #options: LiveBatchOptions;
  readonly #books = new Map<InstrumentId, OrderBook>();
  readonly #changedBooks = new Set<OrderBook>();
  readonly #tickers = new Map<InstrumentId, Ticker>();
  readonly #funding = new Map<InstrumentId, FundingRate>();
  readonly #openInterest = new Map<InstrumentId, OpenInterest>();
  readonly #forming = new Map<InstrumentId, Candle>();
  #ordered: MarketObservation[] = [];
  #gaps: FeedGap[] = [];
  /** What was given up since the last drain, by stream. */
  readonly #lost = new Map<string, FeedGap>();
  #waiting = 0;
  #givenUp = 0;

  constructor(options: LiveBatchOptions) {
    this.#options = options;
  }

  /** Trades and liquidations given up since the start because nobody drained. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Takes an update. Bars of other timeframes than 1m are passed over: they are rolled up. */
  take(update: FeedUpdate): void {
    switch (update.kind) {
      case 'trade':
      case 'liquidation':
        if (this.#waiting < this.#options.maxWaiting) {
          this.#waiting += 1;
          this.#ordered.push(update);
        } else this.#giveUp(update);
        break;
      case 'candle':
        this.#candle(update.candle, update.closed);
        break;
      case 'book': {
        const book = this.#book(update.book.instrumentId);
        book.replace(update.book);
        this.#changedBooks.add(book);
        break;
      }
      case 'book-delta': {
        const book = this.#book(update.delta.instrumentId);
        book.apply(update.delta);
        this.#changedBooks.add(book);
        break;
      }
      case 'ticker':
        this.#tickers.set(update.ticker.instrumentId, update.ticker);
        break;
      case 'funding':
        if (update.funding.predicted) this.#funding.set(update.funding.instrumentId, update.funding);
        else this.#ordered.push(update);
        break;
      case 'open-interest':
        this.#openInterest.set(update.openInterest.instrumentId, update.openInterest);
        break;
      case 'gap':
        this.#gaps.push(update.gap);
        break;
      case 'status':
        break;
    }
  }

  /** Takes out what waits. */
  drain(): Required<Omit<MarketStep, 'atMs'>> {
    const gaps = [...this.#gaps, ...this.#lost.values()];
    this.#gaps = [];
    this.#lost.clear();
    const observations = this.#ordered;
    this.#ordered = [];
    this.#waiting = 0;
    for (const ticker of this.#tickers.values()) observations.push({ kind: 'ticker', ticker });
    for (const book of this.#changedBooks) {
      const snapshot = book.snapshot(this.#options.bookDepth);
      if (snapshot.bids.length > 0 && snapshot.asks.length > 0) observations.push({ kind: 'book', book: snapshot });
    }
    for (const funding of this.#funding.values()) observations.push({ kind: 'funding', funding });
    for (const openInterest of this.#openInterest.values()) observations.push({ kind: 'open-interest', openInterest });
    for (const candle of this.#forming.values()) observations.push({ kind: 'forming-candle', candle });
    for (const held of [this.#tickers, this.#changedBooks, this.#funding, this.#openInterest, this.#forming])
      held.clear();
    return { observations, gaps };
  }

  /** What is given up is a hole like one that the venue left. */
  #giveUp(update: Extract<FeedUpdate, { readonly kind: 'trade' | 'liquidation' }>): void {
    this.#givenUp += 1;
    const [channel, { instrumentId, exchangeAtMs }] =
      update.kind === 'trade' ? (['trades', update.trade] as const) : (['liquidations', update.liquidation] as const);
    const key = `${channel} ${instrumentId}`;
    const { fromMs, toMs } = this.#lost.get(key) ?? { fromMs: exchangeAtMs, toMs: exchangeAtMs };
    this.#lost.set(key, {
      ...{ instrumentId, channel, reason: 'overflow', filled: false },
      fromMs: Math.min(fromMs, exchangeAtMs),
      toMs: Math.max(toMs, exchangeAtMs + 1),
    });
  }

  #candle(candle: Candle, closed: boolean): void {
    if (candle.timeframe !== '1m') return;
    if (!closed) {
      this.#forming.set(candle.instrumentId, candle);
      return;
    }
    this.#ordered.push({ kind: 'candle', candle });
    const forming = this.#forming.get(candle.instrumentId);
    if (forming !== undefined && forming.openAtMs <= candle.openAtMs) this.#forming.delete(candle.instrumentId);
  }

  #book(instrumentId: InstrumentId): OrderBook {
    const known = this.#books.get(instrumentId);
    if (known !== undefined) return known;
    const book = new OrderBook({ instrumentId });
    this.#books.set(instrumentId, book);
    return book;
  }
}
