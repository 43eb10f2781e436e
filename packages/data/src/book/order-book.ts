import {
  type BookDelta,
  type BookLevel,
  type CostToFill,
  costToFill,
  type Instrument,
  type InstrumentId,
  type OrderBookSnapshot,
  type Side,
  type Size,
} from '@perpdesk/core';
import { BookSide } from './book-side.ts';

/** Options of {@link OrderBook}. */
export interface OrderBookOptions {
  readonly instrumentId: InstrumentId;
  /**
   * Only for a stream that is itself a window of so many levels and does not say what falls out of it: after each change
   * the worst levels beyond are dropped. Under a full stream this would lose levels that come back into view. Default: all.
   */
  readonly depth?: number;
  /** Levels a side that fit before the columns grow by doubling. Default 1,024. */
  readonly capacity?: number;
}

/**
 * The book of one instrument in sorted typed arrays. Applying a delta allocates nothing unless a column has to grow. It
 * keeps whatever it is given: which deltas may be applied is {@link BookSynchronizer}'s knowledge. Prices in quote units per
 * base unit, sizes in base units, float64. What an empty side can not say is NaN.
 *
 * @example
 * const book = new OrderBook({ instrumentId: 'BTC-PERP@hyperliquid' });
 * book.replace(snapshot);
 * book.apply(delta);
 * book.bestBid; // 61_800.2
 */
export class OrderBook {
  readonly instrumentId: InstrumentId;
  readonly #bids: BookSide;
  readonly #asks: BookSide;
  readonly #depth: number;
  #sequence: number | undefined;
  #exchangeAtMs = Number.NaN;
  #receivedAtMs = Number.NaN;

  constructor(options: OrderBookOptions) {
    this.instrumentId = options.instrumentId;
    this.#depth = options.depth ?? Number.POSITIVE_INFINITY;
    this.#bids = new BookSide('bids', options.capacity ?? 1024);
    this.#asks = new BookSide('asks', options.capacity ?? 1024);
  }

  /** Takes a whole book in place of what was known. */
  replace(book: OrderBookSnapshot): void {
    this.clear();
    // Worst first, so that each level goes to the end.
    for (let i = book.bids.length - 1; i >= 0; i -= 1) put(this.#bids, book.bids[i] as BookLevel);
    for (let i = book.asks.length - 1; i >= 0; i -= 1) put(this.#asks, book.asks[i] as BookLevel);
    this.#told(book.sequence, book.exchangeAtMs, book.receivedAtMs);
  }

  /** Sets the levels of a delta; a size of 0 removes one. */
  apply(delta: BookDelta): void {
    const { bids, asks } = delta;
    for (let i = 0; i < bids.length; i += 1) put(this.#bids, bids[i] as BookLevel);
    for (let i = 0; i < asks.length; i += 1) put(this.#asks, asks[i] as BookLevel);
    this.#told(delta.sequence, delta.exchangeAtMs, delta.receivedAtMs);
  }

  /** Sets one level; a size of 0 removes it. */
  setLevel(side: 'bids' | 'asks', price: number, size: number): void {
    this.#side(side).set(price, size);
  }

  /** Forgets everything. */
  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#told(undefined, Number.NaN, Number.NaN);
  }

  /** The venue's number of the last change; undefined before the first or where there is none. */
  get sequence(): number | undefined {
    return this.#sequence;
  }
  /** When the venue says that it last changed. NaN before the first change. */
  get exchangeAtMs(): number {
    return this.#exchangeAtMs;
  }
  /** When the last change reached us. NaN before the first change. */
  get receivedAtMs(): number {
    return this.#receivedAtMs;
  }
  get bestBid(): number {
    return this.#bids.price(0);
  }
  get bestBidSize(): number {
    return this.#bids.size(0);
  }
  get bestAsk(): number {
    return this.#asks.price(0);
  }
  get bestAskSize(): number {
    return this.#asks.size(0);
  }
  /** Halfway between the best prices. */
  get mid(): number {
    return (this.bestBid + this.bestAsk) / 2;
  }
  /** Best ask − best bid: negative in a crossed book. */
  get spread(): number {
    return this.bestAsk - this.bestBid;
  }
  /**
   * The mid weighted by the sizes at the best prices, each price by the size on the other side: (bid · askSize + ask ·
   * bidSize) / (bidSize + askSize). Source: the weighted mid of Gatheral & Oomen (2010), "Zero-intelligence realized
   * variance estimation"; not Stoikov's fitted micro-price.
   */
  get microPrice(): number {
    const { bestBidSize, bestAskSize } = this;
    return (this.bestBid * bestAskSize + this.bestAsk * bestBidSize) / (bestBidSize + bestAskSize);
  }
  /** True when the best bid is above the best ask. */
  get crossed(): boolean {
    return this.bestBid > this.bestAsk;
  }
  /** True when the best bid is the best ask. */
  get locked(): boolean {
    return this.bestBid === this.bestAsk;
  }

  /** How many levels a side has. */
  levelCount(side: 'bids' | 'asks'): number {
    return this.#side(side).length;
  }

  /** The price of the level `rank` places from the best (0); NaN where there is none. */
  price(side: 'bids' | 'asks', rank: number): number {
    return this.#side(side).price(rank);
  }

  /** The size of the level `rank` places from the best (0); NaN where there is none. */
  size(side: 'bids' | 'asks', rank: number): number {
    return this.#side(side).size(rank);
  }

  /** The size at a price, 0 where there is no level. */
  sizeAt(side: 'bids' | 'asks', price: number): number {
    return this.#side(side).sizeAt(price);
  }

  /**
   * Writes the best levels of a side into the caller's array as price, size, price, size, best first.
   * @param levels at most so many, and at most half of the array's length.
   * @returns how many levels were written.
   */
  top(side: 'bids' | 'asks', into: Float64Array, levels: number = into.length >> 1): number {
    return this.#side(side).top(into, levels);
  }

  /** The levels of a side one by one, best first. Reads the book as it is: not to be kept across a change. */
  *levels(side: 'bids' | 'asks'): Generator<BookLevel, void, undefined> {
    const from = this.#side(side);
    for (let rank = 0; rank < from.length; rank += 1) yield [from.price(rank), from.size(rank)];
  }

  /** What rests from the best price of a side to `price`, that price included, in base units. */
  depthToPrice(side: 'bids' | 'asks', price: number): number {
    return this.#side(side).sizeTo(price);
  }

  /** What rests on a side within `bps` hundredths of a percent of the mid, in base units; NaN without a mid. */
  depthWithin(side: 'bids' | 'asks', bps: number): number {
    const { mid } = this;
    if (Number.isNaN(mid)) return Number.NaN;
    return this.#side(side).sizeTo(mid * (1 + ((side === 'bids' ? -1 : 1) * bps) / 10_000));
  }

  /** (bids − asks) / (bids + asks) over the sizes of the best `levels` of each side: −1 … 1; NaN when both are empty. */
  imbalance(levels: number): number {
    const bids = this.#bids.sizeOfTop(levels);
    const asks = this.#asks.sizeOfTop(levels);
    return (bids - asks) / (bids + asks);
  }

  /**
   * What taking `size` from the book would give: buying takes asks, selling takes bids. Exact in decimals, see
   * {@link costToFill}; what is too much for the book is not filled.
   */
  costToFill(side: Side, size: Size, instrument?: Pick<Instrument, 'priceRule' | 'lotSize'>): CostToFill {
    return costToFill(this.levels(side === 'buy' ? 'asks' : 'bids'), size, instrument);
  }

  /** The book as it is, `depth` levels a side, as new objects. Times are NaN before the first change. */
  snapshot(depth: number = Number.POSITIVE_INFINITY): OrderBookSnapshot {
    return {
      instrumentId: this.instrumentId,
      bids: firstOf(this.#bids, depth),
      asks: firstOf(this.#asks, depth),
      ...(this.#sequence === undefined ? {} : { sequence: this.#sequence }),
      exchangeAtMs: this.#exchangeAtMs,
      receivedAtMs: this.#receivedAtMs,
    };
  }

  #side(side: 'bids' | 'asks'): BookSide {
    return side === 'bids' ? this.#bids : this.#asks;
  }

  #told(sequence: number | undefined, exchangeAtMs: number, receivedAtMs: number): void {
    if (this.#depth !== Number.POSITIVE_INFINITY) {
      this.#bids.limit(this.#depth);
      this.#asks.limit(this.#depth);
    }
    this.#sequence = sequence;
    this.#exchangeAtMs = exchangeAtMs;
    this.#receivedAtMs = receivedAtMs;
  }
}

function put(side: BookSide, level: BookLevel): void {
  side.set(level[0], level[1]);
}

function firstOf(side: BookSide, depth: number): BookLevel[] {
  const levels: BookLevel[] = [];
  for (let rank = 0; rank < side.length && rank < depth; rank += 1) levels.push([side.price(rank), side.size(rank)]);
  return levels;
}
