import {
  type Candle,
  type Clock,
  type DerivativesView,
  type FundingRate,
  type InstrumentId,
  isFresh,
  type MarketBus,
  type MarketView,
  type OrderBookSnapshot,
  type Ticker,
  type Trade,
  timeframeMs,
  type Unsubscribe,
} from '@perpdesk/core';
import type { PaperQuote } from './paper-context.ts';

/** Something of the market that accounts have to be matched with. */
export type MarketInput = (
  | { readonly kind: 'bar'; readonly instrumentId: InstrumentId; readonly bar: Candle }
  | { readonly kind: 'funding'; readonly instrumentId: InstrumentId; readonly settledAtMs: number }
  | { readonly kind: 'trade'; readonly instrumentId: InstrumentId; readonly trade: Trade }
  | { readonly kind: 'quote'; readonly instrumentId: InstrumentId }
) & {
  /** The users whose accounts have been matched with it: a retry leaves them out. */
  readonly done: Set<string>;
};

interface Frame {
  ticker?: Ticker;
  newestRate?: number;
  lastBarOpenMs: number;
  readonly settledRates: Map<number, number>;
}

const minuteMs = timeframeMs('1m');
const keptRates = 64;

/** Options of {@link PaperMarket}. */
export interface PaperMarketOptions {
  readonly clock: Clock;
  readonly marketBus: MarketBus;
  readonly marketView: MarketView;
  readonly derivativesView?: DerivativesView;
  /** True while an account has something on the instrument. */
  readonly concerns: (id: InstrumentId) => boolean;
  /** Called at once when there is something in the inbox. */
  readonly onInput: () => void;
}

/**
 * The paper venue's ear on the market: the newest prices and rates of every instrument, and an inbox of what accounts must
 * be matched with. Bars, settlements and trades are never lost, prices are conflated to the newest. What became known together
 * is given out bars first, then settlements, then trades, then prices: a bar lies before the price it ended with, a trade
 * before the book that it left.
 */
export class PaperMarket {
  readonly #options: PaperMarketOptions;
  readonly #frames = new Map<InstrumentId, Frame>();
  readonly #unsubscribes: Unsubscribe[] = [];
  #inbox: MarketInput[] = [];

  constructor(options: PaperMarketOptions) {
    this.#options = options;
  }

  start(): void {
    const { marketBus, clock, concerns } = this.#options;
    this.#unsubscribes.push(
      marketBus.subscribe({ type: 'ticker.updated' }, (ticker) => {
        this.#frame(ticker.instrumentId).ticker = ticker;
        this.#wantQuote(ticker.instrumentId);
      }),
      marketBus.subscribe({ type: 'book.updated' }, ({ instrumentId }) => this.#wantQuote(instrumentId)),
      marketBus.subscribe({ type: 'candle.updated' }, (bar) => {
        if (bar.timeframe !== '1m' || bar.openAtMs + minuteMs > clock.nowMs()) return;
        const frame = this.#frame(bar.instrumentId);
        if (bar.openAtMs <= frame.lastBarOpenMs) return;
        frame.lastBarOpenMs = bar.openAtMs;
        if (concerns(bar.instrumentId))
          this.#put({ kind: 'bar', instrumentId: bar.instrumentId, bar, done: new Set() });
      }),
      marketBus.subscribe({ type: 'funding.updated' }, (rate) => this.#hearRate(rate)),
      marketBus.subscribe({ type: 'trade.received' }, (trade) => {
        const { instrumentId } = trade;
        if (concerns(instrumentId)) this.#put({ kind: 'trade', instrumentId, trade, done: new Set() });
      }),
    );
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
    this.#inbox = [];
  }

  /** Asks for an instrument to be matched with its present prices. */
  wantQuote(instrumentId: InstrumentId): void {
    this.#inbox = this.#inbox.filter((input) => input.kind !== 'quote' || input.instrumentId !== instrumentId);
    this.#put({ kind: 'quote', instrumentId, done: new Set() });
  }

  /** Empties the inbox, in the order things are matched. */
  take(): MarketInput[] {
    const rank = { bar: 0, funding: 1, trade: 2, quote: 3 } as const;
    const inputs = this.#inbox.sort((a, b) => rank[a.kind] - rank[b.kind]);
    this.#inbox = [];
    return inputs;
  }

  /** Puts back what could not be matched, before what has come since. */
  putBack(inputs: readonly MarketInput[]): void {
    this.#inbox = [...inputs, ...this.#inbox];
  }

  mark(id: InstrumentId): number | undefined {
    return this.#ticker(id)?.mark;
  }

  /** The venue's book, where it is fresh and not empty. */
  book(id: InstrumentId): OrderBookSnapshot | undefined {
    const book = this.#options.marketView.book(id);
    return isFresh(book) && book.value.bids.length + book.value.asks.length > 0 ? book.value : undefined;
  }

  /** Prices to match with, and whether they are as recent as they have to be. */
  quote(id: InstrumentId): { readonly quote: PaperQuote; readonly fresh: boolean } | undefined {
    const ticker = this.#ticker(id);
    if (ticker === undefined) return undefined;
    const { marketView } = this.#options;
    const book = this.book(id);
    const { mark, bid, ask } = ticker;
    return {
      quote: {
        mark,
        bid,
        ask,
        ...(book === undefined ? {} : { book }),
      },
      fresh: isFresh(marketView.ticker(id)),
    };
  }

  /** The rate of an instant where it was heard or can be looked up, else the newest heard. */
  fundingRate(id: InstrumentId, instantMs: number): number | undefined {
    const frame = this.#frames.get(id);
    const heard = frame?.settledRates.get(instantMs);
    if (heard !== undefined) return heard;
    const history = this.#options.derivativesView?.funding(id, 1_000) ?? [];
    const kept = history.findLast((rate) => !rate.predicted && instantOf(rate) === instantMs);
    return kept?.rate ?? frame?.newestRate ?? history.at(-1)?.rate;
  }

  #hearRate(rate: FundingRate): void {
    const frame = this.#frame(rate.instrumentId);
    frame.newestRate = rate.rate;
    if (rate.predicted) return;
    const settledAtMs = instantOf(rate);
    frame.settledRates.set(settledAtMs, rate.rate);
    for (const old of frame.settledRates.keys()) {
      if (frame.settledRates.size <= keptRates) break;
      frame.settledRates.delete(old);
    }
    if (!this.#options.concerns(rate.instrumentId) || settledAtMs > this.#options.clock.nowMs()) return;
    this.#put({ kind: 'funding', instrumentId: rate.instrumentId, settledAtMs, done: new Set() });
  }

  #wantQuote(id: InstrumentId): void {
    if (this.#options.concerns(id)) this.wantQuote(id);
  }

  #put(input: MarketInput): void {
    this.#inbox.push(input);
    this.#options.onInput();
  }

  #ticker(id: InstrumentId): Ticker | undefined {
    return this.#frames.get(id)?.ticker ?? this.#options.marketView.ticker(id)?.value;
  }

  #frame(id: InstrumentId): Frame {
    let frame = this.#frames.get(id);
    if (frame === undefined) {
      frame = { lastBarOpenMs: Number.NEGATIVE_INFINITY, settledRates: new Map() };
      this.#frames.set(id, frame);
    }
    return frame;
  }
}

/** Settlements fall on multiples of the interval; venues stamp them some milliseconds late. */
const instantOf = ({ settlesAtMs, intervalMs }: FundingRate): number =>
  Math.floor(settlesAtMs / intervalMs) * intervalMs;
