import type { PredictionBook, PredictionContract, PredictionQuote, PredictionSource } from '@perpdesk/core';
import { ValidationError, VenueError } from '@perpdesk/core';
import { testStartAtMs } from '@perpdesk/core/testing';

const dayMs = 86_400_000;

/** An open contract of Kalshi that closes in ten days. */
export const exampleContract = (changes: Partial<PredictionContract> = {}): PredictionContract => ({
  id: 'kalshi:KXRAIN-26DEC06-T1',
  venue: 'kalshi',
  slug: 'KXRAIN-26DEC06-T1',
  question: 'Will it rain on Sunday?',
  category: 'Weather',
  closesAtMs: testStartAtMs + 10 * dayMs,
  open: true,
  event: 'KXRAIN-26DEC06',
  series: 'KXRAIN',
  volume: 40_000,
  volume24h: 12_000,
  ...changes,
});

/** A book around a mid, a cent either side unless told otherwise. */
export const exampleBook = (
  contractId: string,
  mid = 0.4,
  { half = 0.01, size = 20_000 }: { readonly half?: number; readonly size?: number } = {},
): PredictionBook => ({
  contractId,
  bids: [[Math.round((mid - half) * 1000) / 1000, size]],
  asks: [[Math.round((mid + half) * 1000) / 1000, size]],
  exchangeAtMs: testStartAtMs,
  receivedAtMs: testStartAtMs,
});

/** A quote so long before the start. */
export const exampleQuote = (contractId: string, beforeMs: number, mid: number): PredictionQuote => ({
  contractId,
  bid: mid - 0.01,
  ask: mid + 0.01,
  depthUsd: 1_000,
  exchangeAtMs: testStartAtMs - beforeMs,
  receivedAtMs: testStartAtMs - beforeMs,
});

/** A prediction market in memory: lists, resolves and quotes what it is given. */
export class ExampleSource implements PredictionSource {
  readonly venue: PredictionContract['venue'];
  readonly contracts = new Map<string, PredictionContract>();
  readonly books = new Map<string, PredictionBook>();
  /** Searches and resolutions fail with this. */
  down: Error | undefined;
  /** References asked for, in order. */
  readonly asked: string[] = [];

  constructor(venue: PredictionContract['venue'], contracts: readonly PredictionContract[] = []) {
    this.venue = venue;
    for (const contract of contracts) this.add(contract);
  }

  add(contract: PredictionContract, book = exampleBook(contract.id)): void {
    this.contracts.set(contract.id, contract);
    this.books.set(contract.id, book);
  }

  async search(
    query: Parameters<PredictionSource['search']>[0],
    options: { readonly signal?: AbortSignal } = {},
  ): ReturnType<PredictionSource['search']> {
    options.signal?.throwIfAborted();
    if (this.down !== undefined) throw this.down;
    const { limit = 50, cursor = '0', minVolume24h = 0, closesFromMs = 0, closesBeforeMs = 8e15 } = query;
    const fitting = [...this.contracts.values()].filter(
      ({ volume24h = 0, closesAtMs, open }) =>
        open !== false && volume24h >= minVolume24h && closesAtMs >= closesFromMs && closesAtMs < closesBeforeMs,
    );
    const at = Number(cursor);
    const more = at + limit < fitting.length ? { cursor: String(at + limit) } : {};
    return { contracts: fitting.slice(at, at + limit), refused: 0, ...more };
  }

  async resolve(reference: string, options: { readonly signal?: AbortSignal } = {}): Promise<PredictionContract> {
    options.signal?.throwIfAborted();
    this.asked.push(reference);
    if (this.down !== undefined) throw this.down;
    const isOwn =
      reference.toLowerCase().includes(this.venue) || (this.venue === 'kalshi') === /^[A-Z]/.test(reference);
    if (!isOwn) throw new ValidationError('prediction.reference', `"${reference}" is not of ${this.venue}.`);
    const wanted = reference.toLowerCase();
    const found = [...this.contracts.values()].filter(
      ({ id, slug }) => wanted === id.toLowerCase() || wanted.endsWith(slug.toLowerCase()),
    );
    const [only, second] = found;
    if (only !== undefined && second === undefined) return only;
    throw only === undefined
      ? new ValidationError('prediction.unknown', `${this.venue} has no contract that "${reference}" means.`)
      : new ValidationError('prediction.ambiguous', `"${reference}" means ${found.length} contracts.`);
  }

  async fetchBook(contract: PredictionContract): Promise<PredictionBook> {
    if (this.down !== undefined) throw this.down;
    const book = this.books.get(contract.id);
    if (book === undefined) throw new VenueError('prediction.answer', `${this.venue} has no book of ${contract.slug}.`);
    return book;
  }

  async fetchTrades(): Promise<readonly never[]> {
    return [];
  }

  watch(): () => void {
    return () => {};
  }

  async close(): Promise<void> {}
}
