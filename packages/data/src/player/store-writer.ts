import type { Clock, Logger, Release, SeriesKind, SeriesRows, SeriesStore } from '@perpdesk/core';
import { RowQueue } from './row-queue.ts';

/** The part of a time-series store that is written to. */
export type MarketDataStore = Pick<SeriesStore, 'write'>;

/** When a `StoreWriter` writes. */
export interface StoreBatching {
  /** Rows are written at the latest so long after the first of a batch came, ms of the clock. Default 5,000. */
  readonly flushAfterMs?: number;
  /** And as soon as so many wait. Default 500. */
  readonly flushAtRows?: number;
  /** While the store fails, so many rows are kept for another try; older ones are given up. Default 50,000. */
  readonly maxWaitingRows?: number;
}

type Queues = { readonly [Kind in SeriesKind]: RowQueue<Kind> };

/** Writes market data to the time-series store in batches, beside the path that market data takes. */
export class StoreWriter {
  readonly #store: MarketDataStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #batching: Required<StoreBatching>;
  readonly #queues: Queues = {
    candle: new RowQueue('candle'),
    volume: new RowQueue('volume'),
    indicators: new RowQueue('indicators'),
    quote: new RowQueue('quote'),
    funding: new RowQueue('funding'),
    'predicted-funding': new RowQueue('predicted-funding'),
    'open-interest': new RowQueue('open-interest'),
    liquidation: new RowQueue('liquidation'),
    prediction: new RowQueue('prediction'),
  };
  #timer: Release | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: string | undefined;
  #givenUp = 0;
  #refused = 0;

  constructor(
    options: { readonly store: MarketDataStore; readonly clock: Clock; readonly logger: Logger } & StoreBatching,
  ) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#batching = {
      flushAfterMs: options.flushAfterMs ?? 5000,
      flushAtRows: options.flushAtRows ?? 500,
      maxWaitingRows: options.maxWaitingRows ?? 50_000,
    };
  }

  /** Takes a row of a kind. */
  add<Kind extends SeriesKind>(kind: Kind, row: SeriesRows[Kind]): void {
    this.#queues[kind].add(row);
    this.#written();
  }

  /** Why the last write failed; undefined when it did not. */
  failure(): string | undefined {
    return this.#failure;
  }

  /** Rows that were given up because the store failed for too long. */
  givenUp(): number {
    return this.#givenUp;
  }

  /** Rows that the store refused because they can not be right. */
  refused(): number {
    return this.#refused;
  }

  /** Writes what waits. Resolves when the store has it, or has failed. */
  flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#waiting() > 0) {
      const release = this.#clock.hold();
      this.#writing = this.#writing.then(() => this.#write()).finally(release);
    }
    return this.#writing;
  }

  /** Writes what waits, once, and tries no more. */
  async close(): Promise<void> {
    await this.flush();
    this.#timer?.();
    this.#timer = undefined;
  }

  #written(): void {
    if (this.#waiting() >= this.#batching.flushAtRows && this.#failure === undefined) {
      void this.flush();
      return;
    }
    this.#timer ??= this.#clock.setTimer(this.#batching.flushAfterMs, () => {
      void this.flush();
    });
  }

  #waiting(): number {
    return Object.values(this.#queues).reduce((sum, { length }) => sum + length, 0);
  }

  async #write(): Promise<void> {
    const refused = (kind: SeriesKind, why: string): void => {
      this.#refused += 1;
      this.#logger.warn({ kind, error: why }, 'a row can not be stored and is left out');
    };
    try {
      for (const queue of Object.values(this.#queues)) await queue.write(this.#store, refused);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#logger.warn(
        { rows: this.#waiting(), error: this.#failure },
        'market data could not be stored, trying again',
      );
      for (const queue of Object.values(this.#queues)) this.#givenUp += queue.trim(this.#batching.maxWaitingRows);
      this.#timer ??= this.#clock.setTimer(this.#batching.flushAfterMs, () => {
        void this.flush();
      });
    }
  }
}
