import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LevelText } from './book-checksum.ts';
import { crc32Add, crc32Of, crc32Start } from './crc-32.ts';
import { OkxChecksum } from './okx-checksum.ts';
import { OrderBook } from './order-book.ts';

const signed = (text: string): number => crc32(text) | 0;

function check(bids: LevelText[], asks: LevelText[], checksum?: number) {
  const book = new OrderBook({ instrumentId: 'BTC-PERP@okx' });
  const numbers = (levels: LevelText[]) =>
    levels.map(([price, size]): [number, number] => [Number(price), Number(size)]);
  book.replace({
    instrumentId: 'BTC-PERP@okx',
    bids: numbers(bids),
    asks: numbers(asks),
    exchangeAtMs: 0,
    receivedAtMs: 0,
  });
  const sums = new OkxChecksum();
  const proof = { bids, asks, ...(checksum === undefined ? {} : { checksum }) };
  sums.replace(proof);
  return { sums, book, matches: sums.matches(book, proof) };
}

const bids: LevelText[] = [
  ['3366.10', '7'],
  ['3366', '6.0'],
];
const asks: LevelText[] = [['3366.8', '9']];

describe('OkxChecksum', () => {
  it('default', () => {
    expect(check(bids, asks, signed('3366.10:7:3366.8:9:3366:6.0')).matches).toBe(true);
  });

  it('behavior: the texts count, not their values, and so do only the best 25', () => {
    expect(check(bids, asks, signed('3366.1:7:3366.8:9:3366:6')).matches).toBe(false);
    const many = Array.from({ length: 30 }, (_, i): LevelText => [String(100 - i), '1']);
    const sum = signed(
      many
        .slice(0, 25)
        .map((level) => level.join(':'))
        .join(':'),
    );
    expect(check(many, [], sum).matches).toBe(true);
  });

  it('behavior: a delta brings its texts, and a removed level takes them along', () => {
    const { sums, book } = check(bids, asks);
    const proof = {
      checksum: signed('3366:6.0:3366.8:9.10'),
      bids: [['3366.1', '0']],
      asks: [['3366.8', '9.10']],
    } as const;
    book.setLevel('bids', 3366.1, 0);
    book.setLevel('asks', 3366.8, 9.1);
    sums.apply(proof);
    expect(sums.matches(book, proof)).toBe(true);
  });

  it('behavior: no sum, the 0 that OKX sends since June 2026, and missing texts are counted as unchecked', () => {
    const { sums, book, matches } = check(bids, asks);
    expect([matches, sums.matches(book, { checksum: 0, bids, asks })]).toEqual([undefined, undefined]);
    sums.apply(undefined);
    expect(sums.matches(book, { checksum: 5, bids: [], asks: [] })).toBeUndefined();
    expect(sums.counts()).toEqual({ checked: 0, unchecked: 3 });
  });

  it('behavior: CRC-32 is the one of zlib', () => {
    for (const text of ['', 'a', '123456789', '61800.2:0.014:61800.3:1.5']) {
      expect(crc32Of(crc32Add(crc32Start, text))).toBe(signed(text));
    }
  });
});
