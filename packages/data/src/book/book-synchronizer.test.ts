import type { BookDelta, OrderBookSnapshot } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookSynchronizer, type BookSynchronizerOptions } from './book-synchronizer.ts';
import { binanceFutures, bybit, dydx, wholeBooks } from './sequence-rules.ts';
import { numberings, playFaulty } from './testing/faulty-books.ts';

const instrumentId = 'BTC-PERP@test';

const whole = (sequence: number, changes: Partial<OrderBookSnapshot> = {}): OrderBookSnapshot => ({
  instrumentId,
  bids: [[99, 1]],
  asks: [[101, 1]],
  sequence,
  exchangeAtMs: sequence,
  receivedAtMs: sequence,
  ...changes,
});

const delta = (previousSequence: number, sequence: number, changes: Partial<BookDelta> = {}): BookDelta => ({
  instrumentId,
  bids: [[98, sequence]],
  asks: [],
  sequence,
  previousSequence,
  exchangeAtMs: sequence,
  receivedAtMs: sequence,
  ...changes,
});

function record(options: Partial<BookSynchronizerOptions> = {}) {
  const told: string[] = [];
  const books = new BookSynchronizer({
    instrumentId,
    rule: binanceFutures,
    listener: {
      book: (book) => told.push(`book ${book.sequence}`),
      delta: (one) => told.push(`delta ${one.sequence}`),
      broken: (reason) => told.push(`broken ${reason}`),
    },
    ...options,
  });
  return { books, told };
}

describe('BookSynchronizer', () => {
  it('default', () => {
    const { books, told } = record();
    expect(books.state).toBe('empty');
    expect([books.delta(delta(8, 10)), books.delta(delta(10, 12))]).toEqual(['buffered', 'buffered']);
    expect([books.state, books.snapshot(whole(11)), books.state]).toEqual(['buffering', true, 'live']);
    expect([books.delta(delta(12, 15)), books.book.sizeAt('bids', 98)]).toEqual(['applied', 15]);
    expect(told).toEqual(['book 11', 'delta 12', 'delta 15']);
    expect(books.counts()).toMatchObject({ books: 1, applied: 2, old: 1, dropped: 0, unusedBooks: 0 });
  });

  it('behavior: a hole breaks once, empties the book, and the next snapshot joins what waited', () => {
    const { books, told } = record();
    books.snapshot(whole(10));
    books.delta(delta(9, 11));
    expect([books.delta(delta(13, 14)), books.state, books.book.bestBid]).toEqual(['broken', 'buffering', Number.NaN]);
    expect(books.delta(delta(14, 16))).toBe('buffered');
    expect(books.snapshot(whole(15))).toBe(true);
    expect([books.book.sequence, told]).toEqual([
      16,
      ['book 10', 'delta 11', 'broken sequence', 'book 15', 'delta 16'],
    ]);
  });

  it('behavior: a snapshot older than a hole in what waits is refused, a newer one is not', () => {
    const { books, told } = record();
    for (const [previous, sequence] of [
      [1, 5],
      [5, 9],
      [20, 25],
    ] as const) {
      books.delta(delta(previous, sequence));
    }
    expect([books.snapshot(whole(4)), books.state, told]).toEqual([false, 'buffering', []]);
    expect([books.snapshot(whole(19)), books.snapshot(whole(22)), books.book.sequence]).toEqual([false, true, 25]);
    expect(books.counts()).toMatchObject({ unusedBooks: 2, dropped: 2 });
  });

  it('behavior: after a break no snapshot from before what was applied is taken', () => {
    const { books } = record();
    books.snapshot(whole(10));
    books.delta(delta(10, 12));
    // Its number came garbled, so that it seems to be in every snapshot.
    expect(books.delta(delta(13, 1, { exchangeAtMs: 14 }))).toBe('broken');
    expect([books.snapshot(whole(11)), books.state, books.snapshot(whole(15)), books.state]).toEqual([
      false,
      'buffering',
      true,
      'live',
    ]);
  });

  it('behavior: what can not be is a break, and nothing of it is applied', () => {
    for (const bad of [
      { bids: [[Number.NaN, 1]] },
      { bids: [[98, 5]], asks: [[101, -1]] },
      { asks: [[Number.POSITIVE_INFINITY, 1]] },
    ] as Partial<BookDelta>[]) {
      const { books, told } = record();
      books.snapshot(whole(10));
      expect([books.delta(delta(10, 11, bad)), books.state]).toEqual(['broken', 'buffering']);
      expect(told).toEqual(['book 10', 'broken invalid']);
      // Neither one from before it, nor one that is none itself.
      expect([
        books.snapshot(whole(10)),
        books.snapshot(whole(12, { bids: [[0, 1]] })),
        books.snapshot(whole(12)),
      ]).toEqual([false, false, true]);
    }
  });

  it('behavior: a crossed or locked book is a break, but not where the venue publishes such', () => {
    for (const price of [101, 102]) {
      const { books, told } = record();
      books.snapshot(whole(10));
      expect([books.delta(delta(10, 11, { bids: [[price, 1]] })), told.at(-1)]).toEqual(['broken', 'broken crossed']);
      const indexer = record({ rule: dydx });
      indexer.books.snapshot(whole(10));
      expect(indexer.books.delta(delta(10, 11, { bids: [[price, 1]] }))).toBe('applied');
    }
    const { books, told } = record();
    expect([books.snapshot(whole(10, { bids: [[102, 1]] })), books.state, told]).toEqual([false, 'empty', []]);
  });

  it('behavior: a checksum that does not fit is a break', () => {
    let fits: boolean | undefined = true;
    const checksum = { replace: () => {}, apply: () => {}, clear: () => {}, matches: () => fits };
    const { books, told } = record({ checksum });
    books.snapshot(whole(10));
    expect(books.delta(delta(10, 11))).toBe('applied');
    fits = undefined;
    expect(books.delta(delta(11, 12))).toBe('applied');
    fits = false;
    expect([books.delta(delta(12, 13)), told.at(-1), books.book.levelCount('bids')]).toEqual([
      'broken',
      'broken checksum',
      0,
    ]);
  });

  it('behavior: a book in the stream replaces all, even with a lower number; an older one does not', () => {
    const { books, told } = record({ rule: bybit });
    books.snapshot(whole(500));
    books.delta(delta(0, 501));
    expect([books.snapshot(whole(1, { exchangeAtMs: 600 })), books.delta(delta(0, 2, { exchangeAtMs: 601 }))]).toEqual([
      true,
      'applied',
    ]);
    expect([books.snapshot(whole(501)), books.book.sequence]).toEqual([true, 2]);
    expect(told).toEqual(['book 500', 'delta 501', 'book 1', 'delta 2']);
    const asked = record();
    asked.books.snapshot(whole(500));
    expect([asked.books.snapshot(whole(400)), asked.books.book.sequence, asked.told]).toEqual([
      true,
      500,
      ['book 500'],
    ]);
  });

  it('behavior: whole books need no numbers, and the newest by venue time holds', () => {
    const { books, told } = record({ rule: wholeBooks });
    const { sequence: _, ...unnumbered } = whole(10);
    for (const exchangeAtMs of [10, 30, 20])
      books.snapshot({ ...unnumbered, bids: [[99, exchangeAtMs]], exchangeAtMs });
    expect([books.book.bestBidSize, told.length]).toEqual([30, 2]);
    expect(books.delta(delta(30, 31))).toBe('broken');
  });

  it('behavior: of deltas that wait the oldest are dropped beyond the limit', () => {
    const { books } = record({ maxBuffered: 3 });
    for (let i = 1; i <= 5; i += 1) books.delta(delta(i - 1, i));
    expect([books.snapshot(whole(1)), books.snapshot(whole(3)), books.book.sequence]).toEqual([false, true, 5]);
    expect(books.counts().dropped).toBe(2);
  });

  it('behavior: deltas that stay older than the snapshot end in a break instead of silence', () => {
    const { books, told } = record({ rule: bybit, maxBuffered: 3 });
    books.snapshot(whole(1_000_000));
    const outcomes = [1, 2, 3, 4].map((sequence) => books.delta(delta(0, sequence)));
    expect([outcomes, told.at(-1)]).toEqual([['old', 'old', 'old', 'broken'], 'broken sequence']);
  });

  it('behavior: a reset forgets and tells nobody', () => {
    const { books, told } = record();
    books.snapshot(whole(10));
    books.reset();
    expect([books.state, books.book.sequence, told]).toEqual(['empty', undefined, ['book 10']]);
  });

  it('error: a message of another instrument', () => {
    const { books } = record();
    expect(() => books.delta(delta(1, 2, { instrumentId: 'ETH-PERP@test' }))).toThrow(
      'The book of BTC-PERP@test was given a message of ETH-PERP@test.',
    );
  });

  it('behavior: without faults every numbering stays live, and nothing breaks', () => {
    const none = { lost: 0, repeated: 0, late: 0, garbled: 0, cut: 0 };
    for (const name of Object.keys(numberings)) {
      const { wrong, live, breaks } = playFaulty(name, 5, 600, none);
      expect([name, wrong, breaks, live > 580]).toEqual([name, undefined, 0, true]);
    }
  });

  it('behavior: through any faults a live book is the venue’s, and what is broken comes back', () => {
    const rate = fc.constantFrom(0, 0.01, 0.05);
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(numberings)),
        fc.nat(1_000_000),
        fc.record({ lost: rate, repeated: rate, late: rate, garbled: rate, cut: rate }),
        (name, seed, rates) => {
          const { wrong, live, messages } = playFaulty(name, seed, 300, rates);
          expect([name, seed, wrong, live > messages / 10]).toEqual([name, seed, undefined, true]);
        },
      ),
      { seed: 4, numRuns: 100 },
    );
  });
});
