import { type BookDelta, type OrderBookSnapshot, SeededRandom, toSize } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderBook } from './order-book.ts';

const instrumentId = 'BTC-PERP@test';

const snapshot: OrderBookSnapshot = {
  instrumentId,
  bids: [
    [100, 2],
    [99.5, 1],
    [99, 4],
  ],
  asks: [
    [101, 6],
    [101.5, 3],
  ],
  sequence: 7,
  exchangeAtMs: 1000,
  receivedAtMs: 1010,
};

function bookOf(whole: OrderBookSnapshot = snapshot, depth?: number): OrderBook {
  const book = new OrderBook({ instrumentId, capacity: 1, ...(depth === undefined ? {} : { depth }) });
  book.replace(whole);
  return book;
}

const delta = (changes: Partial<BookDelta>): BookDelta => ({
  instrumentId,
  bids: [],
  asks: [],
  sequence: 8,
  exchangeAtMs: 1020,
  receivedAtMs: 1030,
  ...changes,
});

describe('OrderBook', () => {
  it('default', () => {
    const book = bookOf();
    const changed = delta({ bids: [[100, 0]], asks: [[100.5, 1.5]] });
    book.apply(changed);
    expect(book.snapshot()).toEqual({
      instrumentId,
      bids: [
        [99.5, 1],
        [99, 4],
      ],
      asks: [
        [100.5, 1.5],
        [101, 6],
        [101.5, 3],
      ],
      sequence: 8,
      exchangeAtMs: 1020,
      receivedAtMs: 1030,
    });
  });

  it('behavior: reads best, mid, spread, micro-price, imbalance and depth', () => {
    const book = bookOf();
    expect([book.bestBid, book.bestBidSize, book.bestAsk, book.bestAskSize]).toEqual([100, 2, 101, 6]);
    expect([book.mid, book.spread, book.microPrice]).toEqual([100.5, 1, (100 * 6 + 101 * 2) / 8]);
    expect([book.imbalance(1), book.imbalance(2), book.imbalance(9)]).toEqual([-4 / 8, (3 - 9) / 12, (7 - 9) / 16]);
    expect([book.depthToPrice('bids', 99.5), book.depthToPrice('asks', 200), book.depthToPrice('bids', 100.1)]).toEqual(
      [3, 9, 0],
    );
    expect([book.depthWithin('bids', 60), book.depthWithin('asks', 60), book.depthWithin('asks', 40)]).toEqual([
      2, 6, 0,
    ]);
    expect([book.sequence, book.levelCount('bids'), book.levelCount('asks')]).toEqual([7, 3, 2]);
    expect([book.sizeAt('bids', 99.5), book.sizeAt('bids', 99.6), book.price('asks', 1), book.size('asks', 2)]).toEqual(
      [1, 0, 101.5, Number.NaN],
    );
  });

  it('behavior: the top levels go into an array of the caller', () => {
    const into = new Float64Array(6).fill(-1);
    expect(bookOf().top('asks', into)).toBe(2);
    expect([...into]).toEqual([101, 6, 101.5, 3, -1, -1]);
    expect(bookOf().top('bids', into, 1)).toBe(1);
    expect([...into.subarray(0, 3)]).toEqual([100, 2, 101.5]);
  });

  it('behavior: the cost to fill walks the right side and stops where the book does', () => {
    const book = bookOf();
    expect(book.costToFill('buy', toSize('8'))).toEqual({
      filled: '8',
      notional: '809',
      averagePrice: '101.125',
      worstPrice: '101.5',
    });
    expect(book.costToFill('sell', toSize('100'))).toMatchObject({ filled: '7', notional: '695.5', worstPrice: '99' });
  });

  it('behavior: tells a crossed and a locked book', () => {
    const book = bookOf();
    expect([book.crossed, book.locked]).toEqual([false, false]);
    book.setLevel('bids', 101, 1);
    expect([book.crossed, book.locked]).toEqual([false, true]);
    book.setLevel('bids', 102, 1);
    expect([book.crossed, book.locked, book.spread]).toEqual([true, false, -1]);
  });

  it('behavior: an empty book says nothing', () => {
    const book = new OrderBook({ instrumentId });
    expect([
      book.bestBid,
      book.bestAsk,
      book.mid,
      book.microPrice,
      book.imbalance(5),
      book.depthWithin('bids', 10),
    ]).toEqual(Array.from({ length: 6 }, () => Number.NaN));
    expect([book.sequence, book.crossed, book.locked, book.top('bids', new Float64Array(4))]).toEqual([
      undefined,
      false,
      false,
      0,
    ]);
    expect(book.costToFill('buy', toSize('1'))).toEqual({ filled: '0', notional: '0' });
  });

  it('behavior: of a window of levels the worst beyond it are dropped after each change', () => {
    const book = bookOf(snapshot, 3);
    book.apply(delta({ bids: [[100.5, 1]], asks: [[103, 1]] }));
    expect(book.snapshot().bids).toEqual([
      [100.5, 1],
      [100, 2],
      [99.5, 1],
    ]);
    expect(book.levelCount('asks')).toBe(3);
  });

  it('behavior: equals a map sorted on each read, whatever is set', () => {
    const change = fc.record({
      side: fc.constantFrom('bids' as const, 'asks' as const),
      // Clusters near the best and stray levels far off.
      price: fc.oneof(fc.integer({ min: 9_900, max: 10_100 }), fc.integer({ min: 1, max: 40_000 })),
      size: fc.oneof(
        { weight: 2, arbitrary: fc.constant(0) },
        { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 1500, size: 'max' }), (changes) => {
        const book = new OrderBook({ instrumentId, capacity: 1 });
        const maps = { bids: new Map<number, number>(), asks: new Map<number, number>() };
        for (const { side, price, size } of changes) {
          book.setLevel(side, price / 10, size);
          if (size === 0) maps[side].delete(price / 10);
          else maps[side].set(price / 10, size);
        }
        const bids = [...maps.bids].sort(([a], [b]) => b - a);
        const asks = [...maps.asks].sort(([a], [b]) => a - b);
        expect([book.snapshot().bids, book.snapshot().asks]).toEqual([bids, asks]);
        expect([...book.levels('bids')]).toEqual(bids);
        const into = new Float64Array(40);
        const count = book.top('asks', into);
        expect([...into.subarray(0, 2 * count)]).toEqual(asks.slice(0, 20).flat());
        expect(book.depthToPrice('bids', 995)).toBe(bids.reduce((sum, [p, size]) => (p >= 995 ? sum + size : sum), 0));
        for (const [price, size] of asks) expect(book.sizeAt('asks', price)).toBe(size);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it('behavior: stays in order while a book of thousands grows and is thinned out again and again', () => {
    const random = new SeededRandom(5);
    const book = new OrderBook({ instrumentId });
    const map = new Map<number, number>();
    for (const share of [0, 0.97, 0.3, 0.995, 0.1, 1]) {
      for (let i = 0; i < 6_000; i += 1) {
        const price = 1 + Math.floor(random.next() * 3_000);
        const size = random.next() < share ? 0 : 1 + i;
        book.setLevel('asks', price, size);
        if (size === 0) map.delete(price);
        else map.set(price, size);
      }
      const sorted = [...map].sort(([a], [b]) => a - b);
      expect(book.snapshot().asks.join(';')).toBe(sorted.join(';'));
      for (const rank of [0, 1, 31, 32, 33, sorted.length - 1]) {
        expect(book.price('asks', rank)).toBe(sorted[rank]?.[0] ?? Number.NaN);
      }
    }
  });

  it('behavior: limiting equals cutting a sorted list', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { maxLength: 400 }),
        fc.nat(300),
        (prices, depth) => {
          const book = new OrderBook({ instrumentId, depth });
          const bids = prices.map((price): [number, number] => [price, 1]);
          book.apply(delta({ bids, asks: bids }));
          const sorted = [...prices].sort((a, b) => a - b);
          expect(book.snapshot().asks.map(([price]) => price)).toEqual(sorted.slice(0, depth));
          expect(book.snapshot().bids.map(([price]) => price)).toEqual(sorted.reverse().slice(0, depth));
        },
      ),
      { seed: 12, numRuns: 100 },
    );
  });
});
