import type { BookDelta } from '@perpdesk/core';

/**
 * How a venue numbers its book. Pure: what it says depends on its arguments alone.
 *
 * Of a live book only the last delta again is `old`. A lower number may as well be a restart whose whole book was lost, or
 * follow on a number that came garbled; taken for old, every delta after it would be lost in silence.
 */
export interface SequenceRule {
  readonly name: string;
  /**
   * True where whole books are messages of the same stream as the deltas, so that one replaces what is known whatever its
   * number is, unless its venue time is older. Default false: a book of a lower number than the live one is ignored.
   */
  readonly booksInStream?: boolean;
  /**
   * True where the numbers may begin anew, so that a delta later than the snapshot by venue time is never `before` it, and
   * an earlier one shows no gap, whatever its number. Default false.
   */
  readonly restarts?: boolean;
  /** True where the venue itself publishes crossed books, so that a crossed one is no sign of a loss. Default false. */
  readonly mayCross?: boolean;
  /** Where a delta stands to a snapshot of this sequence: all in it already, the one that joins on, or one that comes too late. */
  join(snapshotSequence: number, delta: BookDelta): 'before' | 'joins' | 'gap';
  /** Where a delta stands to the last one applied. */
  follow(lastSequence: number, delta: BookDelta): 'next' | 'old' | 'gap';
}
