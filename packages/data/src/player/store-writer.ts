import type {
  Candle,
  Clock,
  FundingRate,
  Logger,
  OpenInterest,
  Release,
  SeriesStore,
  TimeSeriesStore,
} from '@perpdesk/core';

/** The part of a time-series store that is written to. */
export type MarketDataStore = Pick<TimeSeriesStore, 'writeCandles'> & Pick<SeriesStore, 'write'>;

/** When a `StoreWriter` writes. */
export interface StoreBatching {
  /** Rows are written at the latest so long after the first of a batch came, ms of the clock. Default 5,000. */
  readonly flushAfterMs?: number;
  /** And as soon as so many wait. Default 500. */
  readonly flushAtRows?: number;
  /** While the store fails, so many rows are kept for another try; older ones are given up. Default 50,000. */
  readonly maxWaitingRows?: number;
}

interface Batch {
  candles: Candle[];
  funding: FundingRate[];
  openInterest: OpenInterest[];
}

const empty = (): Batch => ({ candles: [], funding: [], openInterest: [] });
const rowsOf = (batch: Batch): number => batch.candles.length + batch.funding.length + batch.openInterest.length;

/** Writes market data to the time-series store in batches, beside the path that market data takes. */
export class StoreWriter {
  readonly #store: MarketDataStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #batching: Required<StoreBatching>;
  #waiting = empty();
  #timer: Release | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: string | undefined;
  #givenUp = 0;

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

  addCandle(candle: Candle): void {
    this.#waiting.candles.push(candle);
    this.#written();
  }

  addFunding(rate: FundingRate): void {
    this.#waiting.funding.push(rate);
    this.#written();
  }

  addOpenInterest(value: OpenInterest): void {
    this.#waiting.openInterest.push(value);
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

  /** Writes what waits. Resolves when the store has it, or has failed. */
  flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    if (rowsOf(this.#waiting) > 0) {
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
    if (rowsOf(this.#waiting) >= this.#batching.flushAtRows && this.#failure === undefined) {
      void this.flush();
      return;
    }
    this.#timer ??= this.#clock.setTimer(this.#batching.flushAfterMs, () => {
      void this.flush();
    });
  }

  async #write(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = empty();
    if (rowsOf(batch) === 0) return;
    try {
      if (batch.candles.length > 0) await this.#store.writeCandles(batch.candles);
      if (batch.funding.length > 0) await this.#store.write('funding', batch.funding);
      if (batch.openInterest.length > 0) await this.#store.write('open-interest', batch.openInterest);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#logger.warn({ rows: rowsOf(batch), error: this.#failure }, 'market data could not be stored, trying again');
      this.#keep(batch);
    }
  }

  /** Puts a batch back in front. Writing a row twice replaces it, so that a batch written in part does no harm. */
  #keep(batch: Batch): void {
    const { candles, funding, openInterest } = this.#waiting;
    const newest = <Row>(rows: Row[]): Row[] => {
      const dropped = Math.max(0, rows.length - this.#batching.maxWaitingRows);
      this.#givenUp += dropped;
      return dropped === 0 ? rows : rows.slice(dropped);
    };
    this.#waiting = {
      candles: newest([...batch.candles, ...candles]),
      funding: newest([...batch.funding, ...funding]),
      openInterest: newest([...batch.openInterest, ...openInterest]),
    };
    this.#timer ??= this.#clock.setTimer(this.#batching.flushAfterMs, () => {
      void this.flush();
    });
  }
}
