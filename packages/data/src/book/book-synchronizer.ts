import {
  type BookDelta,
  type BookLevel,
  type InstrumentId,
  type OrderBookSnapshot,
  ValidationError,
} from '@perpdesk/core';
import type { BookChecksum, BookProof } from './book-checksum.ts';
import { OrderBook } from './order-book.ts';
import type { SequenceRule } from './sequence-rule.ts';

/**
 * Why a book is not to be trusted any more. `sequence`: a message is missing or came out of turn. `checksum`: the venue's
 * own sum says otherwise. `invalid`: a message with a price or size that can not be. `crossed`: the best bid is not below
 * the best ask.
 */
export type BookBreak = 'sequence' | 'checksum' | 'invalid' | 'crossed';

/** Who is told, synchronously, inside {@link BookSynchronizer.snapshot} and {@link BookSynchronizer.delta}. */
export interface BookListener {
  /** A whole book that replaces what was known. */
  book(book: OrderBookSnapshot): void;
  /** A delta that follows without a hole. */
  delta(delta: BookDelta): void;
  /** The chain broke: what is known is not to be trusted; a new snapshot is needed. Told once per break. */
  broken(reason: BookBreak): void;
}

/** Options of {@link BookSynchronizer}. */
export interface BookSynchronizerOptions {
  readonly instrumentId: InstrumentId;
  readonly rule: SequenceRule;
  readonly listener: BookListener;
  /** What checks the book against the venue's sums, where it sends them. Default: nothing. */
  readonly checksum?: BookChecksum;
  /** Deltas kept while a snapshot is awaited; of more the oldest are dropped and counted. Default 2,000. */
  readonly maxBuffered?: number;
  /** See {@link OrderBookOptions.depth}: only for a stream that is itself a window of so many levels. */
  readonly depth?: number;
}

/** What became of a delta. */
export type DeltaOutcome = 'applied' | 'old' | 'buffered' | 'broken';

/** How often what happened, since the beginning. */
export interface BookCounts {
  readonly books: number;
  /** Snapshots that could not be used: too old for the deltas at hand, older than the live book, or invalid. */
  readonly unusedBooks: number;
  readonly applied: number;
  readonly old: number;
  /** Deltas dropped because too many waited. */
  readonly dropped: number;
  readonly breaks: Readonly<Record<BookBreak, number>>;
}

interface Waiting {
  readonly delta: BookDelta;
  readonly proof: BookProof | undefined;
}

/**
 * Keeps one book in step with a venue's stream: deltas wait for a snapshot, join it where the venue's rule says so, and are
 * applied as long as no hole shows. On a break the book is emptied at once, so that nobody reads what may be wrong, and
 * deltas wait again. When snapshot after snapshot is too old, subscribe anew and {@link reset}.
 *
 * @example
 * const synchronizer = new BookSynchronizer({ instrumentId, rule: binanceFutures, listener });
 * socket.on('depth', (delta) => synchronizer.delta(delta));
 * while (!synchronizer.snapshot(await fetchBook())) await clock.sleep(1_000);
 */
export class BookSynchronizer {
  readonly book: OrderBook;
  readonly #rule: SequenceRule;
  readonly #listener: BookListener;
  readonly #checksum: BookChecksum | undefined;
  readonly #maxBuffered: number;
  readonly #counts = {
    books: 0,
    unusedBooks: 0,
    applied: 0,
    old: 0,
    dropped: 0,
    breaks: { sequence: 0, checksum: 0, invalid: 0, crossed: 0 },
  };
  #waiting: Waiting[] = [];
  #live = false;
  /** True from a snapshot to the delta that joins it. */
  #joining = false;
  #last = Number.NaN;
  #snapshotMs = Number.NaN;
  /** Highest number and last venue time of what was applied since the last reset, a break or none between. */
  #newest = Number.NEGATIVE_INFINITY;
  #newestMs = Number.NEGATIVE_INFINITY;
  /** Deltas taken for older than the snapshot since it came. */
  #before = 0;

  constructor(options: BookSynchronizerOptions) {
    this.#rule = options.rule;
    this.#listener = options.listener;
    this.#checksum = options.checksum;
    this.#maxBuffered = options.maxBuffered ?? 2_000;
    this.book = new OrderBook({
      instrumentId: options.instrumentId,
      ...(options.depth === undefined ? {} : { depth: options.depth }),
    });
  }

  /** `empty`: nothing is known. `buffering`: deltas wait for a snapshot. `live`: the book is the venue's. */
  get state(): 'empty' | 'buffering' | 'live' {
    return this.#live ? 'live' : this.#waiting.length > 0 ? 'buffering' : 'empty';
  }

  /** How often what happened, since the beginning. */
  counts(): BookCounts {
    return { ...this.#counts, breaks: { ...this.#counts.breaks } };
  }

  /**
   * Takes a whole book and then what waits behind it. An older one than what was applied changes nothing. One without a
   * sequence holds until the first delta, which can not be joined to it.
   * @param proof what the venue sent beside it, where the book has a checksum.
   * @returns true when the book is live afterwards; false when the snapshot is too old for the deltas that wait or is no book.
   * @throws ValidationError `book.instrument` for another instrument.
   */
  snapshot(book: OrderBookSnapshot, proof?: BookProof): boolean {
    this.#check(book.instrumentId);
    const sequence = book.sequence ?? Number.NaN;
    if (this.#isOlder(book.exchangeAtMs, sequence)) return this.#unused();
    if (!valid(book.bids) || !valid(book.asks)) {
      if (this.#live) this.#break('invalid');
      return this.#unused();
    }
    const isNewest = this.#waiting.every(({ delta }) => delta.exchangeAtMs <= book.exchangeAtMs);
    if (!this.#joins(sequence, book.exchangeAtMs)) {
      // A book within the stream replaces all that came before it, even what can not be joined.
      if (!this.#rule.booksInStream || !isNewest) return this.#unused();
      this.#counts.dropped += this.#waiting.length;
      this.#waiting = [];
    }
    const wasLive = this.#live;
    this.book.replace(book);
    this.#checksum?.replace(proof);
    const fault = this.#fault(proof);
    if (fault !== undefined) {
      if (wasLive) this.#break(fault);
      else this.#forget();
      return this.#unused();
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#live = true;
    this.#joining = true;
    this.#last = sequence;
    this.#snapshotMs = book.exchangeAtMs;
    this.#newest = Math.max(this.#newest, book.sequence ?? this.#newest);
    this.#newestMs = book.exchangeAtMs;
    this.#before = 0;
    this.#counts.books += 1;
    this.#listener.book(book);
    for (const { delta, proof: beside } of waiting) this.delta(delta, beside);
    return this.#live;
  }

  /**
   * Takes the next delta of the stream.
   * @param proof what the venue sent beside it, where the book has a checksum.
   * @throws ValidationError `book.instrument` for another instrument.
   */
  delta(delta: BookDelta, proof?: BookProof): DeltaOutcome {
    this.#check(delta.instrumentId);
    if (!this.#live) return this.#wait(delta, proof);
    const verdict = this.#joining
      ? this.#join(this.#last, this.#snapshotMs, delta)
      : this.#rule.follow(this.#last, delta);
    const waiting = { delta, proof };
    if (verdict === 'gap') return this.#break('sequence', waiting);
    if (verdict === 'before' || verdict === 'old') return this.#skip(verdict);
    if (!valid(delta.bids) || !valid(delta.asks)) return this.#break('invalid', waiting);
    this.book.apply(delta);
    this.#checksum?.apply(proof);
    this.#last = delta.sequence;
    this.#newest = Math.max(this.#newest, delta.sequence);
    this.#newestMs = delta.exchangeAtMs;
    this.#joining = false;
    const reason = this.#fault(proof);
    if (reason !== undefined) return this.#break(reason, waiting);
    this.#counts.applied += 1;
    this.#listener.delta(delta);
    return 'applied';
  }

  /** Forgets everything, as after a disconnect. Tells nobody. */
  reset(): void {
    this.#forget();
    this.#waiting = [];
    this.#newest = Number.NEGATIVE_INFINITY;
    this.#newestMs = Number.NEGATIVE_INFINITY;
  }

  #check(instrumentId: InstrumentId): void {
    if (instrumentId === this.book.instrumentId) return;
    throw new ValidationError(
      'book.instrument',
      `The book of ${this.book.instrumentId} was given a message of ${instrumentId}.`,
    );
  }

  /** True for a book from before what was applied already, be it live still or broken since. */
  #isOlder(exchangeAtMs: number, sequence: number): boolean {
    if (this.#rule.booksInStream) return exchangeAtMs < this.#newestMs;
    if (this.#live) return sequence < this.#last;
    // By both: after a restart a lower number is a newer book, and a venue time alone may be coarse.
    return sequence < this.#newest && exchangeAtMs < this.#newestMs;
  }

  /** True when what waits follows on a snapshot without a hole; what came before a hole is of no more use and is dropped. */
  #joins(sequence: number, snapshotMs: number): boolean {
    let last = sequence;
    let joining = true;
    for (const [i, { delta }] of this.#waiting.entries()) {
      const verdict = joining ? this.#join(last, snapshotMs, delta) : this.#rule.follow(last, delta);
      if (verdict === 'before' || verdict === 'old') continue;
      if (verdict === 'gap' || !valid(delta.bids) || !valid(delta.asks)) {
        this.#counts.dropped += i;
        this.#waiting.splice(0, i);
        return false;
      }
      last = delta.sequence;
      joining = false;
    }
    return true;
  }

  /** What the rule says of a delta and a snapshot; where numbers may begin anew, venue time decides what they can not. */
  #join(sequence: number, snapshotMs: number, delta: BookDelta): 'before' | 'joins' | 'gap' {
    const verdict = this.#rule.join(sequence, delta);
    if (!this.#rule.restarts) return verdict;
    if (verdict === 'before' && delta.exchangeAtMs > snapshotMs) return 'gap';
    return verdict === 'gap' && delta.exchangeAtMs < snapshotMs ? 'before' : verdict;
  }

  #wait(delta: BookDelta, proof: BookProof | undefined): DeltaOutcome {
    this.#waiting.push({ delta, proof });
    if (this.#waiting.length > this.#maxBuffered) {
      this.#waiting.shift();
      this.#counts.dropped += 1;
    }
    return 'buffered';
  }

  #skip(verdict: 'before' | 'old'): DeltaOutcome {
    this.#counts.old += 1;
    if (verdict === 'before') this.#before += 1;
    // So many older than the snapshot can only be newer ones whose numbers began anew.
    return this.#before > this.#maxBuffered ? this.#break('sequence') : 'old';
  }

  #fault(proof: BookProof | undefined): 'crossed' | 'checksum' | undefined {
    if (this.#checksum?.matches(this.book, proof) === false) return 'checksum';
    return !this.#rule.mayCross && (this.book.crossed || this.book.locked) ? 'crossed' : undefined;
  }

  /** Ends the book. The delta that ended it waits, so that no snapshot from before it is taken. */
  #break(reason: BookBreak, first?: Waiting): 'broken' {
    this.#forget();
    this.#counts.breaks[reason] += 1;
    if (first !== undefined) this.#wait(first.delta, first.proof);
    this.#listener.broken(reason);
    return 'broken';
  }

  #forget(): void {
    this.#live = false;
    this.#joining = false;
    this.#last = Number.NaN;
    this.book.clear();
    this.#checksum?.clear();
  }

  #unused(): boolean {
    this.#counts.unusedBooks += 1;
    return this.#live;
  }
}

/** True when every level of a delta can be. */
function valid(levels: readonly BookLevel[]): boolean {
  for (let i = 0; i < levels.length; i += 1) {
    const level = levels[i] as BookLevel;
    const price = level[0];
    const size = level[1];
    if (!(price > 0 && price < Number.POSITIVE_INFINITY && size >= 0 && size < Number.POSITIVE_INFINITY)) return false;
  }
  return true;
}
