import type { InstrumentId, Ticker } from '@perpdesk/core';
import { instant, price } from './fact-checks.ts';
import type { RawQuote } from './raw-facts.ts';

const fields = ['last', 'mark', 'index', 'bid', 'ask'] as const;
/** Tops of books may change hundreds of times a second; a ticker is told at most this often for them, ms. */
const shortestPauseMs = 100;

/**
 * Puts one instrument's ticker together from streams that each know a part of it. Nothing is told before last, mark, bid and
 * ask are known; after a break all of them are asked for anew, so that no old part goes out as a new one.
 */
export class QuoteBoard {
  readonly #instrumentId: InstrumentId;
  readonly #known: { last: number; mark: number; index: number; bid: number; ask: number };
  #atMs = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(instrumentId: InstrumentId) {
    this.#instrumentId = instrumentId;
    this.#known = { last: Number.NaN, mark: Number.NaN, index: Number.NaN, bid: Number.NaN, ask: Number.NaN };
  }

  /** The last mark price, NaN before the first. */
  get mark(): number {
    return this.#known.mark;
  }

  /** Takes a part. Returns the ticker when it is time to tell it, undefined when not, or why the part can not be. */
  offer(raw: RawQuote, receivedAtMs: number): Ticker | string | undefined {
    const exchangeAtMs = instant(raw.atMs, receivedAtMs);
    if (Number.isNaN(exchangeAtMs)) return 'ticker.time';
    const parsed: Partial<Record<(typeof fields)[number], number>> = {};
    for (const field of fields) {
      if (raw[field] === undefined) continue;
      const value = price(raw[field]);
      if (Number.isNaN(value)) return `ticker.${field}`;
      parsed[field] = value;
    }
    const bid = parsed.bid ?? this.#known.bid;
    const ask = parsed.ask ?? this.#known.ask;
    if (parsed.bid !== undefined && parsed.ask !== undefined && bid > ask) return 'ticker.crossed';
    // One side alone moved past what is known of the other: that is old, and nothing is told until it comes.
    if (bid > ask && parsed.bid === undefined) this.#known.bid = Number.NaN;
    if (bid > ask && parsed.ask === undefined) this.#known.ask = Number.NaN;
    Object.assign(this.#known, parsed);
    this.#atMs = Math.max(this.#atMs, exchangeAtMs);
    return this.#ticker(receivedAtMs, parsed.mark !== undefined);
  }

  /** Forgets all parts. */
  reset(): void {
    for (const field of fields) this.#known[field] = Number.NaN;
  }

  #ticker(receivedAtMs: number, important: boolean): Ticker | undefined {
    const { last, mark, index, bid, ask } = this.#known;
    if (!(last > 0 && mark > 0 && bid > 0 && ask > 0)) return undefined;
    if (!important && receivedAtMs - this.#toldAtMs < shortestPauseMs) return undefined;
    this.#toldAtMs = receivedAtMs;
    const ticker = { instrumentId: this.#instrumentId, last, mark, bid, ask, exchangeAtMs: this.#atMs, receivedAtMs };
    return index > 0 ? { ...ticker, index } : ticker;
  }
}
