import type {
  BookDelta,
  Clock,
  FeedGap,
  FeedGapReason,
  InstrumentId,
  Logger,
  OrderBookSnapshot,
  Release,
} from '@perpdesk/core';
import type { BookProof } from '../book/book-checksum.ts';
import { BookSynchronizer } from '../book/book-synchronizer.ts';
import type { BookSource } from './venue-feed.ts';

export interface BookStreamOptions {
  readonly instrumentId: InstrumentId;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly source: BookSource;
  readonly listener: {
    book(book: OrderBookSnapshot): void;
    delta(delta: BookDelta): void;
    gap(gap: FeedGap): void;
  };
  /** Fetches a whole book; undefined where it comes on the socket. */
  readonly fetch: (() => Promise<FetchedBook>) | undefined;
  /** Asks the socket to begin the stream anew. */
  readonly resubscribe: () => void;
  /** The first pause before asking again, ms. */
  readonly retryMs: number;
}

/** A whole book that was asked for. */
export interface FetchedBook {
  readonly book: OrderBookSnapshot;
  readonly proof: BookProof | undefined;
}

const longestPause = 32;

/**
 * One instrument's book: keeps it in step through a BookSynchronizer and sees to it that a whole book comes when one is
 * needed, with growing pauses between requests.
 */
export class BookStream {
  readonly #options: BookStreamOptions;
  readonly #synchronizer: BookSynchronizer;
  #broken: { reason: FeedGapReason; fromMs: number } | undefined;
  #lastMs: number | undefined;
  #attempt = 0;
  #pending: Release | undefined;
  #asking = false;
  #connected = false;
  #stopped = false;

  constructor(options: BookStreamOptions) {
    this.#options = options;
    const { source, listener, instrumentId } = options;
    this.#synchronizer = new BookSynchronizer({
      instrumentId,
      rule: source.rule,
      ...(source.checksum === undefined ? {} : { checksum: source.checksum() }),
      ...(source.depth === undefined ? {} : { depth: source.depth }),
      listener: {
        book: (book) => {
          this.#settle(book.exchangeAtMs);
          listener.book(book);
          this.#tellGap(book.exchangeAtMs);
        },
        delta: (delta) => {
          this.#lastMs = delta.exchangeAtMs;
          // Only a book that goes on has proved itself.
          this.#attempt = 0;
          listener.delta(delta);
        },
        broken: (reason) => this.#break(reason === 'crossed' ? 'sequence' : reason),
      },
    });
  }

  get live(): boolean {
    return this.#synchronizer.state === 'live';
  }

  get synchronizer(): BookSynchronizer {
    return this.#synchronizer;
  }

  book(book: OrderBookSnapshot, proof: BookProof | undefined): void {
    if (this.#stopped) return;
    this.#connected = true;
    if (!this.#synchronizer.snapshot(book, proof) && this.#broken !== undefined) this.#ask();
  }

  delta(delta: BookDelta, proof: BookProof | undefined): void {
    if (this.#stopped) return;
    this.#connected = true;
    this.#synchronizer.delta(delta, proof);
    if (!this.live) this.#ask();
  }

  /** A message of this book could not be read: what is known may be wrong. */
  damage(reason: FeedGapReason): void {
    if (this.#stopped || !this.live) return;
    this.#synchronizer.reset();
    this.#break(reason);
  }

  /** The socket is gone. */
  breakOff(reason: FeedGapReason): void {
    if (this.#stopped) return;
    this.#connected = false;
    this.#pending?.();
    this.#pending = undefined;
    this.#synchronizer.reset();
    this.#noteBreak(reason);
  }

  stop(): void {
    this.#stopped = true;
    this.#pending?.();
    this.#synchronizer.reset();
  }

  #noteBreak(reason: FeedGapReason): void {
    if (this.#lastMs !== undefined) this.#broken ??= { reason, fromMs: this.#lastMs };
  }

  #break(reason: FeedGapReason): void {
    this.#noteBreak(reason);
    this.#ask();
  }

  /** Asks for a whole book, at once the first time and after a pause from then on. */
  #ask(): void {
    if (this.#pending !== undefined || this.#asking || this.#stopped) return;
    const { clock, retryMs } = this.#options;
    const delayMs = this.#attempt === 0 ? 0 : retryMs * Math.min(longestPause, 2 ** (this.#attempt - 1));
    this.#attempt += 1;
    this.#pending = clock.setTimer(delayMs, () => {
      this.#pending = undefined;
      if (this.#stopped || !this.#connected || this.live) return;
      if (this.#options.fetch === undefined) this.#awaitStream();
      else void this.#fetch(this.#options.fetch);
    });
  }

  async #fetch(fetch: () => Promise<FetchedBook>): Promise<void> {
    const { clock, logger, instrumentId } = this.#options;
    this.#asking = true;
    const release = clock.hold();
    try {
      const { book, proof } = await fetch();
      if (!this.#stopped && this.#connected && !this.live) this.#synchronizer.snapshot(book, proof);
    } catch (error) {
      logger.debug(
        { instrumentId, error: error instanceof Error ? error.message : 'unknown' },
        'A whole book could not be fetched.',
      );
      if (this.#options.source.snapshot === 'either' && this.#connected && !this.#stopped) this.#options.resubscribe();
    } finally {
      this.#asking = false;
      release();
    }
    if (!this.live && this.#connected) this.#ask();
  }

  /** On a socket that sends whole books: the first wait is for the one that comes by itself. */
  #awaitStream(): void {
    if (this.#broken !== undefined || this.#attempt > 1) this.#options.resubscribe();
    this.#ask();
  }

  #settle(atMs: number): void {
    this.#lastMs = atMs;
    this.#pending?.();
    this.#pending = undefined;
  }

  #tellGap(toMs: number): void {
    const broken = this.#broken;
    if (broken === undefined) return;
    this.#broken = undefined;
    this.#options.listener.gap({
      instrumentId: this.#options.instrumentId,
      channel: 'book',
      reason: broken.reason,
      fromMs: broken.fromMs,
      toMs: Math.max(broken.fromMs, toMs),
      filled: true,
    });
  }
}
