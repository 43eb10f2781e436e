import type { BookDelta } from '@perpdesk/core';
import type { SequenceRule } from './sequence-rule.ts';

/**
 * Binance USDⓈ-M and COIN-M, and Aster, whose interface is the same: `U`, `u` and `pu` as `firstSequence`, `sequence` and
 * `previousSequence`. A delta holds every change after `pu` up to `u`, so the one with `pu` ≤ snapshot ≤ `u` joins and each
 * later one's `pu` is the `u` before it.
 *
 * Source: "How to manage a local order book correctly", Binance USDⓈ-M documentation; the join also takes a delta whose
 * `pu` is the snapshot's own number, as ccxt 4.5.84 does.
 */
export const binanceFutures: SequenceRule = {
  name: 'binance-futures',
  join(snapshot, delta) {
    if (delta.sequence < snapshot) return 'before';
    return linked(delta) <= snapshot ? 'joins' : 'gap';
  },
  follow(last, delta) {
    if (linked(delta) === last) return 'next';
    return delta.sequence === last ? 'old' : 'gap';
  },
};

/**
 * Bybit v5: `u` counts the messages of one depth one by one; a whole book may come at any time and replaces all, and `u` = 1
 * is one after a restart.
 *
 * Source: Bybit v5 documentation, orderbook (public) and its SBE page ("the next u is the last one + 1"). ccxt 4.5.84
 * checks nothing here.
 */
export const bybit: SequenceRule = { ...counted('bybit'), booksInStream: true, restarts: true };

/**
 * OKX `books` channels: `seqId` and `prevSeqId` as `sequence` and `previousSequence`. Equal ones are a keep-alive without
 * levels; after maintenance `seqId` is lower than `prevSeqId` once and the chain goes on from there. A whole book has
 * `prevSeqId` −1; since August 2026 it comes by request only.
 *
 * Source: OKX v5 documentation, order book channel, and its change log of 2026-02-12 (join: `prevSeqId` ≤ snapshot < `seqId`).
 */
export const okx: SequenceRule = {
  name: 'okx',
  restarts: true,
  join(snapshot, delta) {
    const previous = linked(delta);
    if (previous === snapshot) return 'joins';
    // After a restart the numbers on both sides of it can not be compared.
    if (delta.sequence < previous) return 'gap';
    if (delta.sequence <= snapshot) return 'before';
    return previous < snapshot ? 'joins' : 'gap';
  },
  follow(last, delta) {
    if (linked(delta) === last) return 'next';
    return delta.sequence === last ? 'old' : 'gap';
  },
};

/**
 * Coinbase International `LEVEL2`: one count for all messages of a session, so the numbers of one book only rise and a hole
 * shows in the session's count alone. An adapter that watches the session gives `previousSequence`: the number of this
 * book's last message while the session's count is unbroken, of the session's last message after a break. Without it a lost
 * message is not seen.
 *
 * Source: INTX WebSocket documentation, sequence numbers. ccxt 4.5.84 keeps the number and checks nothing.
 */
export const coinbaseInternational: SequenceRule = { ...rising('coinbase-international'), booksInStream: true };

/**
 * Lighter `order_book`: `nonce` and `begin_nonce` as `sequence` and `previousSequence`. `begin_nonce` is the `nonce` of the
 * update before. The `offset`, which ccxt 4.5.84 takes for its nonce, rises but not one by one and depends on the server:
 * it shows no hole, so it is not read here.
 *
 * Source: Lighter documentation, WebSocket reference, order book.
 */
export const lighter: SequenceRule = {
  name: 'lighter',
  booksInStream: true,
  join(snapshot, delta) {
    if (linked(delta) === snapshot) return 'joins';
    return delta.sequence <= snapshot ? 'before' : linked(delta) < snapshot ? 'joins' : 'gap';
  },
  follow(last, delta) {
    if (linked(delta) === last) return 'next';
    return delta.sequence === last ? 'old' : 'gap';
  },
};

/**
 * Hyperliquid `l2Book`, and every channel whose messages are whole books: the newest one by venue time holds; there are no
 * deltas, so one is always a mistake.
 *
 * Source: Hyperliquid documentation, WebSocket subscriptions.
 */
export const wholeBooks: SequenceRule = {
  name: 'whole-books',
  booksInStream: true,
  join: () => 'gap',
  follow: () => 'gap',
};

/**
 * Gate futures `order_book_update`: `U` and `u` as `firstSequence` and `sequence`, without a hole from one delta to the next.
 *
 * Source: Gate futures WebSocket v4 documentation, local order book; ccxt 4.5.84 takes overlapping deltas too.
 */
export const gateFutures: SequenceRule = {
  name: 'gate-futures',
  join(snapshot, delta) {
    if (delta.sequence <= snapshot) return 'before';
    return first(delta) <= snapshot + 1 ? 'joins' : 'gap';
  },
  follow(last, delta) {
    if (first(delta) <= last + 1 && delta.sequence > last) return 'next';
    return delta.sequence === last ? 'old' : 'gap';
  },
};

/**
 * Kraken Futures `book`: `seq` counts the messages of one product's subscription one by one, its whole book included.
 *
 * Source: Kraken Futures WebSocket documentation, book.
 */
export const krakenFutures: SequenceRule = { ...counted('kraken-futures'), booksInStream: true };

/**
 * dYdX `v4_orderbook` (and v3): `message_id` counts the messages of the connection, so the numbers of one book only rise;
 * `previousSequence` as with {@link coinbaseInternational}. The indexer's books cross at times by themselves.
 *
 * Source: dYdX indexer documentation, WebSockets and "How to uncross the order book"; ccxt 4.5.84 keeps `message_id`.
 */
export const dydx: SequenceRule = { ...rising('dydx'), booksInStream: true, mayCross: true };

/** Numbers that go up by one. */
function counted(name: string): SequenceRule {
  return {
    name,
    join(snapshot, delta) {
      if (delta.sequence === snapshot + 1) return 'joins';
      return delta.sequence <= snapshot ? 'before' : 'gap';
    },
    follow(last, delta) {
      if (delta.sequence === last + 1) return 'next';
      return delta.sequence === last ? 'old' : 'gap';
    },
  };
}

/** Numbers that only rise, chained by `previousSequence` where the adapter gives it. */
function rising(name: string): SequenceRule {
  return {
    name,
    join(snapshot, delta) {
      if (delta.sequence <= snapshot) return 'before';
      return (delta.previousSequence ?? snapshot) <= snapshot ? 'joins' : 'gap';
    },
    follow(last, delta) {
      if (delta.sequence === last) return 'old';
      return delta.sequence > last && (delta.previousSequence ?? last) === last ? 'next' : 'gap';
    },
  };
}

/** The number of the change before a delta; without one it links to nothing. */
const linked = (delta: BookDelta): number => delta.previousSequence ?? Number.POSITIVE_INFINITY;
/** The number of the first change in a delta. */
const first = (delta: BookDelta): number => delta.firstSequence ?? delta.sequence;
