import {
  type Candle,
  type FundingRate,
  type Instrument,
  type InstrumentId,
  LocalMarketBus,
  type OrderBookSnapshot,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  type Ticker,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { StaticMarketView } from '@perpdesk/core/testing';
import { exampleInstrument } from './example-paper.ts';
import { PaperVenue } from './paper-venue.ts';
import type { PaperVenueOptions } from './paper-venue-options.ts';

/** A paper venue for tests with a clock, an authority, and a market to be moved by hand. */
export class PaperDesk {
  readonly clock: SimulatedClock;
  readonly authority: HmacApprovalAuthority;
  readonly marketBus: LocalMarketBus;
  readonly marketView: StaticMarketView;
  readonly instruments: readonly Instrument[];
  readonly #options: Partial<PaperVenueOptions>;
  readonly #tickers: Ticker[] = [];
  readonly #books: OrderBookSnapshot[] = [];
  readonly #funding: FundingRate[] = [];
  #trades = 0;

  constructor(
    options: Partial<PaperVenueOptions> & {
      readonly instruments?: readonly Instrument[];
      readonly startAtMs?: number;
    } = {},
  ) {
    const {
      instruments = [exampleInstrument()],
      startAtMs = 1_700_000_000_000 - (1_700_000_000_000 % 3_600_000),
      ...rest
    } = options;
    this.#options = rest;
    this.instruments = instruments;
    this.clock = new SimulatedClock({ startAtMs });
    this.marketBus = new LocalMarketBus({ clock: this.clock });
    this.authority = new HmacApprovalAuthority({
      clock: this.clock,
      ids: new SortableIdGenerator({ clock: this.clock, random: new SeededRandom('paper') }),
    });
    this.marketView = new StaticMarketView({
      clock: this.clock,
      instruments,
      tickers: this.#tickers,
      books: this.#books,
      funding: this.#funding,
    });
  }

  async open(database: Database, options: Partial<PaperVenueOptions> = {}): Promise<PaperVenue> {
    const venue = new PaperVenue({
      clock: this.clock,
      verifier: this.authority.verifier(),
      marketBus: this.marketBus,
      marketView: this.marketView,
      database,
      slippage: '0',
      ...this.#options,
      ...options,
    });
    await venue.start();
    return venue;
  }

  /** Moves prices, with a book where a depth is given. */
  async quote({
    bid,
    ask,
    depth,
    id = this.#first(),
  }: {
    bid: number;
    ask: number;
    depth?: number;
    id?: InstrumentId;
  }): Promise<void> {
    this.tick(bid, ask, depth, id);
    await this.clock.idle();
  }

  /** The same without waiting. */
  tick(bid: number, ask: number, depth?: number, id: InstrumentId = this.#first()): void {
    const moments = { instrumentId: id, exchangeAtMs: this.clock.nowMs(), receivedAtMs: this.clock.nowMs() };
    if (depth !== undefined) {
      const book: OrderBookSnapshot = { ...moments, bids: [[bid, depth]], asks: [[ask, depth]] };
      this.#books.push(book);
      void this.marketBus.publish('book.updated', id, book);
    }
    const ticker: Ticker = { ...moments, bid, ask, last: bid, mark: Math.round((bid + ask) * 50) / 100 };
    this.#tickers.push(ticker);
    void this.marketBus.publish('ticker.updated', id, ticker);
  }

  /** Publishes a trade of the venue that happens now; `side` is the taker's. */
  trade(side: 'buy' | 'sell', price: number, size: number, id: InstrumentId = this.#first()): void {
    const atMs = this.clock.nowMs();
    this.#trades += 1;
    const trade = {
      instrumentId: id,
      id: String(this.#trades),
      side,
      price,
      size,
      exchangeAtMs: atMs,
      receivedAtMs: atMs,
    };
    void this.marketBus.publish('trade.received', id, trade);
  }

  /** Publishes the 1m bar that ends now. */
  bar(prices: Pick<Candle, 'open' | 'high' | 'low' | 'close'>, id: InstrumentId = this.#first()): void {
    const bar: Candle = {
      instrumentId: id,
      timeframe: '1m',
      openAtMs: this.clock.nowMs() - 60_000,
      volume: 1_000,
      ...prices,
    };
    void this.marketBus.publish('candle.updated', `${id}:1m`, bar);
  }

  /** Publishes the funding rate that is settled now, or keeps it where only the view knows it. */
  settle(
    rate: number,
    options: { readonly atMs?: number; readonly silent?: boolean; readonly id?: InstrumentId } = {},
  ): void {
    const id = options.id ?? this.#first();
    const atMs = options.atMs ?? this.clock.nowMs();
    const funding: FundingRate = {
      instrumentId: id,
      rate,
      intervalMs: 3_600_000,
      settlesAtMs: atMs,
      predicted: false,
      exchangeAtMs: atMs,
      receivedAtMs: atMs,
    };
    this.#funding.push(funding);
    if (options.silent !== true) void this.marketBus.publish('funding.updated', id, funding);
  }

  #first(): InstrumentId {
    return this.instruments[0]?.id ?? 'BTC-PERP@hyperliquid';
  }
}
