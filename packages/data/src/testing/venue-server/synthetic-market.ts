import type { Random } from '@perpdesk/core';

/** A trade as the venue made it. */
export interface TrueTrade {
  readonly id: number;
  readonly price: number;
  readonly size: number;
  readonly atMs: number;
  readonly buyerIsMaker: boolean;
}

/** A minute as the venue made it. */
export interface TrueBar {
  readonly openAtMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** Price and size as venues write them. */
export type LevelText = readonly [price: string, size: string];

/** What happens at the venue, before it is put into its words. */
export type MarketFact =
  | {
      readonly kind: 'book';
      readonly first: number;
      readonly last: number;
      readonly previous: number;
      readonly bids: readonly LevelText[];
      readonly asks: readonly LevelText[];
    }
  | { readonly kind: 'trade'; readonly trade: TrueTrade }
  | { readonly kind: 'bar'; readonly bar: TrueBar; readonly closed: boolean };

const minuteMs = 60_000;
const tick = 0.1;
const startTick = 600_000;

/** A number for what a book holds, whatever its order: the sum of its levels' own numbers. */
export const levelDigest = (side: 'bids' | 'asks', price: number, size: number): number => {
  let hash = side === 'bids' ? 0x811c9dc5 : 0x01000193;
  for (const part of [Math.round(price * 10), Math.round(size * 1000)]) {
    hash = Math.imul(hash ^ (part & 0xffff), 0x01000193) ^ Math.imul(part >>> 16, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
};

/** A price of so many ticks. */
export const priceOf = (ticks: number): number => Number((ticks * tick).toFixed(1));

/**
 * One market that a random walk trades: its book with numbered events, its trades and minutes. It is the truth that what a
 * feed told is compared with.
 */
export class SyntheticMarket {
  readonly trades: TrueTrade[] = [];
  readonly closedBars: TrueBar[] = [];
  readonly book = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  /** The book's digest after each event, by its number. */
  readonly digests = new Map<number, number>();
  readonly #random: Random;
  readonly #nowMs: () => number;
  readonly #widestTicks: number;
  #mid = startTick;
  #update = 1_000_000;
  #digest = 0;
  #bar: TrueBar | undefined;
  /** Closed bars that nobody was told of yet. */
  readonly #closings: MarketFact[] = [];

  /** @param options.widestTicks a side has at most so many levels. */
  constructor(options: { readonly random: Random; readonly nowMs: () => number; readonly widestTicks: number }) {
    this.#random = options.random;
    this.#nowMs = options.nowMs;
    this.#widestTicks = options.widestTicks;
    for (let i = 1; i <= options.widestTicks; i += 2) {
      this.#set('bids', this.#mid - i, this.#anySize());
      this.#set('asks', this.#mid + i, this.#anySize());
    }
    this.digests.set(this.#update, this.#digest);
    this.#trade();
  }

  /** The number of the last event of the book. */
  get sequence(): number {
    return this.#update;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  /** Closed minutes, up to this moment, and the present one. */
  bars(): { readonly closed: readonly TrueBar[]; readonly forming: TrueBar | undefined } {
    this.#closeBars();
    return { closed: this.closedBars, forming: this.#bar };
  }

  /** A side's levels, best first. */
  levels(side: 'bids' | 'asks'): readonly LevelText[] {
    const sign = side === 'bids' ? -1 : 1;
    return [...this.book[side]].sort((a, b) => sign * (a[0] - b[0])).map(levelText);
  }

  /** What happens next. */
  advance(): readonly MarketFact[] {
    this.#closeBars();
    const happening = this.#random.next() < 0.6 ? [this.#moveBook()] : this.#trade();
    return [...this.#closings.splice(0), ...happening];
  }

  #moveBook(): MarketFact {
    const previous = this.#update;
    const first = previous + 1 + this.#whole(3);
    this.#update = first + this.#whole(6);
    const changed = { bids: new Map<number, number>(), asks: new Map<number, number>() };
    const set = (side: 'bids' | 'asks', at: number, size: number): void => {
      this.#set(side, at, size);
      changed[side].set(at, size);
    };
    this.#mid += this.#whole(3) - 1;
    const [lowest, highest] = [this.#mid - this.#widestTicks, this.#mid + this.#widestTicks];
    for (const at of this.book.bids.keys()) if (at >= this.#mid || at < lowest) set('bids', at, 0);
    for (const at of this.book.asks.keys()) if (at <= this.#mid || at > highest) set('asks', at, 0);
    for (let i = this.#whole(5); i >= 0; i -= 1) {
      const side = this.#random.next() < 0.5 ? 'bids' : 'asks';
      const away = 1 + this.#whole(this.#widestTicks);
      set(side, side === 'bids' ? this.#mid - away : this.#mid + away, this.#random.next() < 0.4 ? 0 : this.#anySize());
    }
    this.digests.set(this.#update, this.#digest);
    const levels = { bids: [...changed.bids].map(levelText), asks: [...changed.asks].map(levelText) };
    return { kind: 'book', first, last: this.#update, previous, ...levels };
  }

  #trade(): readonly MarketFact[] {
    const buyerIsMaker = this.#random.next() < 0.5;
    const price = priceOf(this.#mid + (buyerIsMaker ? -1 : 1));
    const trade: TrueTrade = {
      id: (this.trades.at(-1)?.id ?? 5_000) + 1,
      ...{ price, size: this.#anySize(), atMs: this.#nowMs(), buyerIsMaker },
    };
    this.trades.push(trade);
    this.#closeBars();
    const closed = this.#closings.splice(0);
    const openAtMs = Math.floor(trade.atMs / minuteMs) * minuteMs;
    this.#bar ??= { openAtMs, open: price, high: price, low: price, close: price, volume: 0 };
    const bar = this.#bar;
    bar.high = Math.max(bar.high, price);
    bar.low = Math.min(bar.low, price);
    bar.close = price;
    bar.volume = Number((bar.volume + trade.size).toFixed(3));
    return [...closed, { kind: 'trade', trade }, { kind: 'bar', bar: { ...bar }, closed: false }];
  }

  /** Ends every minute that is over; one without trades is flat. */
  #closeBars(): void {
    const presentMs = Math.floor(this.#nowMs() / minuteMs) * minuteMs;
    while (this.#bar !== undefined && this.#bar.openAtMs < presentMs) {
      const { close } = this.#bar;
      this.closedBars.push(this.#bar);
      this.#closings.push({ kind: 'bar', bar: this.#bar, closed: true });
      const openAtMs = this.#bar.openAtMs + minuteMs;
      this.#bar = { openAtMs, open: close, high: close, low: close, close, volume: 0 };
    }
  }

  #set(side: 'bids' | 'asks', at: number, size: number): void {
    const known = this.book[side].get(at);
    if (known !== undefined) this.#digest -= levelDigest(side, priceOf(at), known);
    if (size === 0) this.book[side].delete(at);
    else {
      this.book[side].set(at, size);
      this.#digest += levelDigest(side, priceOf(at), size);
    }
  }

  #anySize(): number {
    return (1 + this.#whole(5000)) / 1000;
  }

  /** A whole number from 0 up to, and without, `below`. */
  #whole(below: number): number {
    return Math.floor(this.#random.next() * below);
  }
}

const levelText = ([at, size]: readonly [number, number]): LevelText => [priceOf(at).toFixed(1), size.toFixed(3)];
