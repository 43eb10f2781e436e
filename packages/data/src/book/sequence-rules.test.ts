import type { BookDelta } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { SequenceRule } from './sequence-rule.ts';
import * as rules from './sequence-rules.ts';

const delta = (sequence: number, previousSequence?: number, firstSequence?: number): BookDelta => ({
  instrumentId: 'BTC-PERP@test',
  bids: [],
  asks: [],
  sequence,
  ...(previousSequence === undefined ? {} : { previousSequence }),
  ...(firstSequence === undefined ? {} : { firstSequence }),
  exchangeAtMs: 0,
  receivedAtMs: 0,
});

const joins = (rule: SequenceRule, snapshot: number, deltas: readonly BookDelta[]) =>
  deltas.map((one) => rule.join(snapshot, one));
const follows = (rule: SequenceRule, last: number, deltas: readonly BookDelta[]) =>
  deltas.map((one) => rule.follow(last, one));

describe('the sequence rules', () => {
  it('behavior: Binance joins where the snapshot lies in (pu, u] and follows by pu', () => {
    const rule = rules.binanceFutures;
    expect(
      joins(rule, 100, [delta(99, 90, 91), delta(100, 99, 100), delta(105, 99, 101), delta(105, 100, 103)]),
    ).toEqual(['before', 'joins', 'joins', 'joins']);
    expect(joins(rule, 100, [delta(110, 105, 106), delta(110)])).toEqual(['gap', 'gap']);
    expect(follows(rule, 105, [delta(110, 105), delta(105, 100), delta(110, 106), delta(104, 99)])).toEqual([
      'next',
      'old',
      'gap',
      'gap',
    ]);
  });

  it('behavior: Bybit and Kraken Futures count one by one, so a lower number is a lost restart', () => {
    for (const rule of [rules.bybit, rules.krakenFutures]) {
      expect(joins(rule, 7, [delta(6), delta(7), delta(8), delta(9)])).toEqual(['before', 'before', 'joins', 'gap']);
      expect(follows(rule, 7, [delta(8), delta(7), delta(9), delta(2)])).toEqual(['next', 'old', 'gap', 'gap']);
    }
  });

  it('behavior: OKX follows by prevSeqId, through keep-alives and the reset after maintenance', () => {
    expect(follows(rules.okx, 15, [delta(17, 15), delta(15, 15), delta(3, 15), delta(15, 10), delta(5, 3)])).toEqual([
      'next',
      'next',
      'next',
      'old',
      'gap',
    ]);
    expect(joins(rules.okx, 15, [delta(14, 10), delta(20, 12), delta(20, 15), delta(20, 17), delta(3, 20)])).toEqual([
      'before',
      'joins',
      'joins',
      'gap',
      'gap',
    ]);
  });

  it('behavior: Lighter follows by begin_nonce', () => {
    expect(joins(rules.lighter, 50, [delta(49, 40), delta(60, 50), delta(60, 45), delta(60, 55)])).toEqual([
      'before',
      'joins',
      'joins',
      'gap',
    ]);
    expect(follows(rules.lighter, 50, [delta(60, 50), delta(50, 40), delta(60, 55), delta(60)])).toEqual([
      'next',
      'old',
      'gap',
      'gap',
    ]);
  });

  it('behavior: Gate takes deltas without a hole between u and U, overlaps too', () => {
    expect(
      joins(rules.gateFutures, 9, [delta(9), delta(10), delta(12, undefined, 8), delta(12, undefined, 11)]),
    ).toEqual(['before', 'joins', 'joins', 'gap']);
    expect(
      follows(rules.gateFutures, 9, [delta(12, undefined, 10), delta(12, undefined, 11), delta(9), delta(8)]),
    ).toEqual(['next', 'gap', 'old', 'gap']);
  });

  it('behavior: Coinbase International and dYdX see a hole by previousSequence alone', () => {
    for (const rule of [rules.coinbaseInternational, rules.dydx]) {
      expect(joins(rule, 9, [delta(9), delta(12), delta(12, 9), delta(12, 11)])).toEqual([
        'before',
        'joins',
        'joins',
        'gap',
      ]);
      expect(follows(rule, 9, [delta(12), delta(12, 9), delta(12, 11), delta(9, 5), delta(8)])).toEqual([
        'next',
        'next',
        'gap',
        'old',
        'gap',
      ]);
    }
  });

  it('behavior: whole books have no deltas', () => {
    expect([rules.wholeBooks.join(1, delta(2)), rules.wholeBooks.follow(1, delta(2))]).toEqual(['gap', 'gap']);
  });
});
