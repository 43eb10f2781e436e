import { type BookLevel, type OrderBookSnapshot, type Trade, toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import {
  exampleAccount,
  exampleContext,
  exampleInstrument,
  examplePaperIntent,
  exampleQuote,
  placed,
} from './example-paper.ts';
import type { PaperAccount } from './paper-account.ts';
import { RestingQueues } from './resting-queues.ts';

const instrumentId = 'BTC-PERP@hyperliquid';
const instrument = exampleInstrument();
const book = (bids: BookLevel[], atMs: number, asks: BookLevel[] = [[101, 5]]): OrderBookSnapshot => ({
  instrumentId,
  bids,
  asks,
  exchangeAtMs: atMs,
  receivedAtMs: atMs,
});
const trade = (price: number, size: number, atMs: number, side: Trade['side'] = 'sell'): Trade => ({
  instrumentId,
  id: `${atMs}`,
  side,
  price,
  size,
  exchangeAtMs: atMs,
  receivedAtMs: atMs,
});
const context = exampleContext({ marks: { [instrumentId]: 100 } });
const bid = (account: PaperAccount, price = '100', size = '1') =>
  placed(
    account,
    examplePaperIntent({ type: 'limit', timeInForce: 'gtc', price: toPrice(price), size: toSize(size) }),
    exampleQuote(100, 101),
    context,
  );
const resting = bid(exampleAccount());
const [id = ''] = resting.orders.keys();
const ahead = (queues: RestingQueues, of = id) => queues.ahead('alice', instrumentId, of)?.toFixed();

function joined(bids: BookLevel[] = [[100, 8]], account = resting): RestingQueues {
  const queues = new RestingQueues();
  queues.follow(account, instrument, book(bids, 1));
  return queues;
}
const reach = (queues: RestingQueues, given: Trade, account = resting) =>
  queues.reach(account, instrument, given).map(({ size }) => size.toFixed());

describe('RestingQueues', () => {
  it('default: an order waits until trades have taken what was ahead of it', () => {
    const queues = joined();
    expect(ahead(queues)).toBe('8');
    expect(reach(queues, trade(100, 5, 2))).toEqual([]);
    expect(ahead(queues)).toBe('3');
    expect(reach(queues, trade(100, 3.4, 3))).toEqual(['0.4']);
  });

  it('behavior: what disappears without a trade leaves in proportion; what comes joins behind', () => {
    const queues = joined();
    queues.see(instrument, book([[100, 12]], 2));
    expect(ahead(queues)).toBe('8');
    queues.see(instrument, book([[100, 6]], 3));
    expect(ahead(queues)).toBe('4');
    queues.see(instrument, book([[99.9, 6]], 4));
    expect(ahead(queues)).toBe('0');
  });

  it('behavior: a trade counts once, whether the book that shows it comes after or before', () => {
    const after = joined();
    after.see(instrument, book([[100, 12]], 2));
    reach(after, trade(100, 6, 3));
    after.see(instrument, book([[100, 6]], 4));
    expect(ahead(after)).toBe('2');
    const before = joined();
    before.see(instrument, book([[100, 12]], 2));
    before.see(instrument, book([[100, 6]], 4));
    expect(ahead(before)).toBe('4');
    reach(before, trade(100, 6, 3));
    expect(ahead(before)).toBe('2');
    expect(reach(before, trade(100, 6, 1))).toEqual([]);
    expect(ahead(before)).toBe('2');
  });

  it('behavior: a trade beyond the price fills whatever the queue, none by a taker of the same side or from before', () => {
    expect(reach(joined(), trade(99.9, 0.7, 2))).toEqual(['0.7']);
    expect(reach(joined(), trade(99.9, 5, 2))).toEqual(['1']);
    expect(reach(joined(), trade(99.9, 0.7, 2, 'buy'))).toEqual([]);
    expect(reach(joined(), trade(99.9, 0.7, -1))).toEqual([]);
    expect(reach(joined(), trade(100.1, 50, 2))).toEqual([]);
  });

  it('behavior: below the visible book there is no place, and only a trade beyond the price fills', () => {
    const queues = joined([[100.5, 1]]);
    expect(ahead(queues)).toBeUndefined();
    expect(reach(queues, trade(100, 50, 2))).toEqual([]);
    queues.follow(resting, instrument, book([[100, 3]], 3));
    expect(ahead(queues)).toBe('3');
  });

  it("behavior: an account's orders share a trade, the better price first", () => {
    const both = bid(bid(exampleAccount(), '100', '2'), '100.5', '1');
    const queues = joined(
      [
        [100.5, 1],
        [100, 0.5],
      ],
      both,
    );
    expect(reach(queues, trade(100, 2.5, 2), both)).toEqual(['1', '1']);
  });

  it('behavior: an amended order queues anew, an ended one leaves', () => {
    const queues = joined();
    reach(queues, trade(100, 5, 2));
    queues.follow(resting, instrument, book([[100, 9]], 3));
    expect(ahead(queues)).toBe('3');
    const [entry] = resting.orders.values();
    if (entry === undefined) throw new TypeError('An order rests.');
    const amended = { ...resting, orders: new Map([[id, { ...entry, sinceMs: 3 }]]) };
    queues.follow(amended, instrument, book([[100, 9]], 3));
    expect(ahead(queues)).toBe('9');
    queues.follow({ ...resting, orders: new Map() }, instrument, book([[100, 9]], 4));
    expect(ahead(queues)).toBeUndefined();
  });
});
