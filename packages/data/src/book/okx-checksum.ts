import type { BookChecksum, BookProof, LevelText } from './book-checksum.ts';
import { crc32Add, crc32Of, crc32Start } from './crc-32.ts';
import type { OrderBook } from './order-book.ts';

const levels = 25;

/**
 * OKX's book checksum: CRC-32, as a signed integer, over the best 25 levels, bid and ask by turns
 * (`bid:size:ask:size:bid:…`), each number as it was sent; where a side is shorter the other goes on alone.
 *
 * Since 2026-06-23 OKX sends 0 in its place, which says nothing: such a message counts as unchecked, and what is left is
 * the chain of `seqId`. Source: OKX v5 documentation, order book channel, checksum; notice of its deprecation of 2026-05-21.
 */
export class OkxChecksum implements BookChecksum {
  readonly #bids = new Map<number, LevelText>();
  readonly #asks = new Map<number, LevelText>();
  #complete = false;
  #checked = 0;
  #unchecked = 0;

  /** How many messages were checked, and how many could not be: no sum, 0, or texts missing. */
  counts(): { readonly checked: number; readonly unchecked: number } {
    return { checked: this.#checked, unchecked: this.#unchecked };
  }

  replace(proof: BookProof | undefined): void {
    this.clear();
    this.#complete = proof !== undefined;
    this.#take(proof);
  }

  apply(proof: BookProof | undefined): void {
    if (proof === undefined) this.#complete = false;
    this.#take(proof);
  }

  matches(book: OrderBook, proof: BookProof | undefined): boolean | undefined {
    const sum = proof?.checksum;
    if (sum === undefined || sum === 0 || !this.#complete) {
      this.#unchecked += 1;
      return undefined;
    }
    this.#checked += 1;
    return this.#sum(book) === sum;
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#complete = false;
  }

  #take(proof: BookProof | undefined): void {
    if (proof === undefined) return;
    for (const level of proof.bids) keep(this.#bids, level);
    for (const level of proof.asks) keep(this.#asks, level);
  }

  #sum(book: OrderBook): number | undefined {
    let crc = crc32Start;
    let separator = '';
    for (let rank = 0; rank < levels; rank += 1) {
      for (const side of ['bids', 'asks'] as const) {
        if (rank >= book.levelCount(side)) continue;
        const text = (side === 'bids' ? this.#bids : this.#asks).get(book.price(side, rank));
        // The numbers hold a level that the texts do not.
        if (text === undefined) return undefined;
        crc = crc32Add(crc32Add(crc32Add(crc, separator), text[0]), `:${text[1]}`);
        separator = ':';
      }
    }
    return crc32Of(crc);
  }
}

function keep(side: Map<number, LevelText>, level: LevelText): void {
  const price = Number(level[0]);
  if (Number(level[1]) === 0) side.delete(price);
  else side.set(price, level);
}
