import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LevelFact, SocketBook } from './socket-book.ts';

const level = (side: 'buy' | 'sell', price: number, size: number, exchangeAtMs: number, best = {}): LevelFact => ({
  kind: 'level',
  token: 'x',
  side,
  price,
  size,
  exchangeAtMs,
  best: { bid: undefined, ask: undefined, ...best },
});

describe('SocketBook', () => {
  it('default: no quote before a whole book, then by each change', () => {
    const book = new SocketBook('x');
    expect(book.change([level('buy', 0.4, 10, 1)])).toBe(false);
    expect(book.quote(9)).toBeUndefined();
    book.reset({ bids: [[0.4, 10]], asks: [[0.6, 10]], exchangeAtMs: 2 });
    expect(book.quote(9)).toMatchObject({ bid: 0.4, ask: 0.6, exchangeAtMs: 2, receivedAtMs: 9 });
    expect(book.change([level('buy', 0.45, 5, 3, { bid: 0.45, ask: 0.6 })])).toBe(true);
    expect(book.quote(9)).toMatchObject({ bid: 0.45, ask: 0.6, exchangeAtMs: 3 });
  });

  it('behavior: crossed, or another best than the venue says, is no book', () => {
    const book = new SocketBook('x');
    const whole = { bids: [[0.4, 10] as [number, number]], asks: [[0.6, 10] as [number, number]], exchangeAtMs: 2 };
    book.reset(whole);
    book.change([level('buy', 0.7, 1, 3)]);
    expect(book.quote(9)).toBeUndefined();
    expect(book.isWhole).toBe(false);
    book.reset(whole);
    book.change([level('buy', 0.3, 1, 3, { bid: 0.41, ask: 0.6 })]);
    expect(book.quote(9)).toBeUndefined();
    book.reset(whole);
    book.lose();
    expect(book.quote(9)).toBeUndefined();
  });

  it('behavior: a whole book that was fetched meanwhile ends where an unbroken one does', () => {
    const changes = fc.array(
      fc.record({ buy: fc.boolean(), cents: fc.integer({ min: 1, max: 49 }), size: fc.integer({ min: 0, max: 3 }) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(changes, fc.nat(40), fc.nat(40), fc.nat(40), (rows, lost, made, missed) => {
        const levels = rows.map(({ buy, cents, size }, index) =>
          level(buy ? 'buy' : 'sell', (buy ? cents : cents + 50) / 100, size, 10 + index),
        );
        const lostAt = lost % levels.length;
        const madeAt = lostAt + (made % (levels.length - lostAt));
        const missedAt = lostAt + (missed % (madeAt - lostAt + 1));
        const unbroken = new SocketBook('x');
        unbroken.reset({ bids: [], asks: [], exchangeAtMs: 1 });
        for (const one of levels) unbroken.change([one]);
        // What the venue's own book was when it was fetched.
        const bids = new Map<number, number>();
        const asks = new Map<number, number>();
        for (const { side, price, size } of levels.slice(0, madeAt + 1))
          (side === 'buy' ? bids : asks).set(price, size);
        const broken = new SocketBook('x');
        broken.reset({ bids: [], asks: [], exchangeAtMs: 1 });
        for (const one of levels.slice(0, lostAt)) broken.change([one]);
        broken.lose();
        broken.collect();
        for (const [at, one] of levels.entries()) if (at >= lostAt && at !== missedAt) broken.change([one]);
        const standing = (side: ReadonlyMap<number, number>) => [...side].filter(([, size]) => size > 0);
        broken.reset({ bids: standing(bids), asks: standing(asks), exchangeAtMs: 10 + madeAt });
        expect(broken.quote(99)).toEqual(unbroken.quote(99));
      }),
      { numRuns: 200 },
    );
  });
});
