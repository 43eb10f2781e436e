import type { FeedUpdate, InstrumentId, MarketObservation, OrderBookSnapshot } from '@perpdesk/core';
import { OrderBook } from '../book/order-book.ts';

interface KeptBook {
  readonly book: OrderBook;
  /** True when it changed since it was told. */
  dirty: boolean;
  /** False between a gap and the next whole book. */
  whole: boolean;
  wholeSinceMs: number;
  toldAtMs: number;
}

/** The books of a recording as they stand, each told when it has changed and its time has come. */
export class RecordedBooks {
  readonly #everyMs: number;
  readonly #levels: number;
  readonly #books = new Map<InstrumentId, KeptBook>();

  constructor(everyMs = 0, levels = Number.POSITIVE_INFINITY) {
    this.#everyMs = everyMs;
    this.#levels = levels;
  }

  take(update: Extract<FeedUpdate, { readonly kind: 'book' | 'book-delta' | 'gap' }>): void {
    if (update.kind === 'gap') {
      // A whole book ends a gap; it may have come just before the gap is told.
      const { channel, instrumentId, filled, toMs } = update.gap;
      const kept = this.#books.get(instrumentId);
      if (kept === undefined || channel !== 'book' || filled || kept.wholeSinceMs >= toMs) return;
      kept.book.clear();
      kept.whole = false;
      kept.dirty = false;
    } else if (update.kind === 'book') {
      const { instrumentId } = update.book;
      const kept = this.#books.get(instrumentId) ?? {
        book: new OrderBook({ instrumentId }),
        dirty: true,
        whole: true,
        wholeSinceMs: 0,
        toldAtMs: Number.NEGATIVE_INFINITY,
      };
      this.#books.set(instrumentId, kept);
      kept.book.replace(update.book);
      kept.whole = true;
      kept.wholeSinceMs = update.book.receivedAtMs;
      kept.dirty = true;
    } else {
      const kept = this.#books.get(update.delta.instrumentId);
      if (kept === undefined || !kept.whole) return;
      kept.book.apply(update.delta);
      kept.dirty = true;
    }
  }

  /** The book of an instrument as it stands; undefined before its first and between a gap and the next. */
  whole(id: InstrumentId): OrderBookSnapshot | undefined {
    const kept = this.#books.get(id);
    return kept?.whole === true ? kept.book.snapshot() : undefined;
  }

  /** The books that have changed and whose time has come. */
  due(atMs: number): MarketObservation[] {
    const observations: MarketObservation[] = [];
    for (const kept of this.#books.values()) {
      if (!kept.dirty || atMs - kept.toldAtMs < this.#everyMs) continue;
      kept.dirty = false;
      kept.toldAtMs = atMs;
      observations.push({ kind: 'book', book: kept.book.snapshot(this.#levels) });
    }
    return observations;
  }
}
