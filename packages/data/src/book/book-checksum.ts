import type { OrderBook } from './order-book.ts';

/** A level as the venue wrote it: [price, size]. Sums are over these very characters. */
export type LevelText = readonly [price: string, size: string];

/** What a venue sent beside the numbers of one book message. */
export interface BookProof {
  /** The venue's sum over the book after the message, as it sent it. Absent where it sent none. */
  readonly checksum?: number;
  readonly bids: readonly LevelText[];
  readonly asks: readonly LevelText[];
}

/** Checks a book against the sums of its venue. Follows the book message by message, because it needs the texts. */
export interface BookChecksum {
  /** Takes the texts of a whole book. Without a proof nothing can be checked until the next whole book. */
  replace(proof: BookProof | undefined): void;
  /** Takes the texts of a delta. Without a proof nothing can be checked until the next whole book. */
  apply(proof: BookProof | undefined): void;
  /** True or false as the sum fits; undefined when there is nothing to check. */
  matches(book: OrderBook, proof: BookProof | undefined): boolean | undefined;
  clear(): void;
}
