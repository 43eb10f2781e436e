import { type PredictionBook, type PredictionLevel, type PredictionQuote, quoteFromBook } from '@perpdesk/core';
import type { TokenFact } from './prediction-venue.ts';

/** A changed level. */
export type LevelFact = Extract<TokenFact, { readonly kind: 'level' }>;

/** Changes kept while a whole book is on its way. More come only where it does not. */
const mostPending = 5_000;

/** A contract's resting orders in terms of YES, out of whole books and changed levels. */
export class SocketBook {
  readonly #contractId: string;
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  #pending: LevelFact[] | undefined;
  #isWhole = false;
  #exchangeAtMs = 0;

  constructor(contractId: string) {
    this.#contractId = contractId;
  }

  /** False until a whole book came, and once it is known to be wrong. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Forgets everything: what comes now is of another connection. */
  lose(): void {
    this.#isWhole = false;
    this.#pending = undefined;
  }

  /** Keeps changes from now on, to lay them over a whole book that is on its way. */
  collect(): void {
    this.#pending ??= [];
  }

  /** Replaces everything by a whole book, and lays over it what changed since it was made. */
  reset(book: Pick<PredictionBook, 'bids' | 'asks' | 'exchangeAtMs'>): void {
    this.#bids.clear();
    this.#asks.clear();
    for (const [price, size] of book.bids) this.#bids.set(price, size);
    for (const [price, size] of book.asks) this.#asks.set(price, size);
    this.#exchangeAtMs = book.exchangeAtMs;
    this.#isWhole = true;
    const later = this.#pending?.filter(({ exchangeAtMs }) => exchangeAtMs >= book.exchangeAtMs) ?? [];
    this.#pending = undefined;
    if (later.length > 0) this.change(later);
  }

  /** Takes the changes of one message. False when they could not be taken, because there is no whole book to change. */
  change(levels: readonly LevelFact[]): boolean {
    if (!this.#isWhole) {
      if (this.#pending !== undefined && this.#pending.length < mostPending) this.#pending.push(...levels);
      return false;
    }
    for (const { side, price, size, exchangeAtMs } of levels) {
      const resting = side === 'buy' ? this.#bids : this.#asks;
      if (size === 0) resting.delete(price);
      else resting.set(price, size);
      this.#exchangeAtMs = Math.max(this.#exchangeAtMs, exchangeAtMs);
    }
    const best = levels.at(-1)?.best;
    if (differs(best?.bid, this.#bestBid()) || differs(best?.ask, this.#bestAsk())) this.#isWhole = false;
    return true;
  }

  /** The quote as it stands; undefined when the book is not whole or, crossed, can not be. */
  quote(receivedAtMs: number): PredictionQuote | undefined {
    if (this.#isWhole && this.#bestBid() >= this.#bestAsk()) this.#isWhole = false;
    if (!this.#isWhole) return undefined;
    return quoteFromBook({
      contractId: this.#contractId,
      bids: sorted(this.#bids, -1),
      asks: sorted(this.#asks, 1),
      exchangeAtMs: this.#exchangeAtMs,
      receivedAtMs,
    });
  }

  #bestBid(): number {
    let best = 0;
    for (const price of this.#bids.keys()) best = Math.max(best, price);
    return best;
  }

  #bestAsk(): number {
    let best = 1;
    for (const price of this.#asks.keys()) best = Math.min(best, price);
    return best;
  }
}

const sorted = (levels: ReadonlyMap<number, number>, direction: 1 | -1): PredictionLevel[] =>
  [...levels].sort(([a], [b]) => direction * (a - b));

const differs = (said: number | undefined, kept: number): boolean => said !== undefined && Math.abs(said - kept) > 1e-9;
