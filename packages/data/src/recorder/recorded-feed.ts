import {
  type Candle,
  type Clock,
  type FeedChannel,
  type FeedSubscription,
  type FeedUpdate,
  type FundingRate,
  type Health,
  type Instrument,
  type InstrumentId,
  type MarketFeed,
  type SeriesRange,
  type StreamStatus,
  type Unsubscribe,
  ValidationError,
} from '@perpdesk/core';
import { type RecordingContents, readRecording, recordingContents } from './read-recording.ts';
import { RecordedBooks } from './recorded-books.ts';
import { type RecordingReport, RecordingReporter } from './recording-report.ts';
import { type RecordedUpdate, streamOf } from './segment-format.ts';

/** Options of {@link RecordedFeed}. */
export interface RecordedFeedOptions {
  /** A folder that a {@link FeedRecorder} wrote. */
  readonly directory: string;
  readonly clock: Clock;
  /** Recorded time per time of the clock (60: a minute a second), or `max`: as fast as it is listened to. Default 1. */
  readonly speed?: number | 'max';
  /** Default `feed.<venue>` once started. */
  readonly name?: string;
}

interface Listener {
  readonly instrumentIds: ReadonlySet<InstrumentId>;
  readonly channels: ReadonlySet<FeedChannel>;
  readonly call: (update: FeedUpdate) => void;
}

/**
 * A recording as a feed: the same updates, deep-equal, in the same order, at any speed. It plays once, from its start, as soon
 * as it is started and watched. Reading methods look no further than it has played.
 *
 * @example
 * const feed = new RecordedFeed({ directory: 'recordings/binance', clock, speed: 'max' });
 * feed.watch({ instrumentIds: ['BTC-PERP@binance'], channels: ['trades'] }, (update) => updates.push(update));
 * await feed.start();
 * await feed.ended();
 */
export class RecordedFeed implements MarketFeed {
  readonly #options: RecordedFeedOptions;
  readonly #speed: number | 'max';
  readonly #reporter = new RecordingReporter();
  readonly #listeners = new Set<Listener>();
  readonly #streams = new Map<string, StreamStatus>();
  readonly #books = new RecordedBooks();
  readonly #aborter = new AbortController();
  readonly #end = Promise.withResolvers<RecordingReport>();
  #contents: RecordingContents | undefined;
  #state: 'idle' | 'ready' | 'playing' | 'ended' | 'failed' | 'stopped' = 'idle';
  #failure = '';
  #played = 0;

  /** @throws ValidationError `recording.speed` unless the speed is `max` or above 0. */
  constructor(options: RecordedFeedOptions) {
    const { speed = 1 } = options;
    if (speed !== 'max' && !(speed > 0 && Number.isFinite(speed))) {
      throw new ValidationError('recording.speed', `The speed must be "max" or a number above 0, got ${speed}.`);
    }
    this.#options = options;
    this.#speed = speed;
    // Whoever waits for the end hears of a failure; one nobody waits for is told by health.
    this.#end.promise.catch(() => {});
  }

  get name(): string {
    return this.#options.name ?? `feed.${this.venue}`;
  }

  /** The venue that was recorded; `recorded` before the start. */
  get venue(): string {
    return this.#contents?.venue ?? 'recorded';
  }

  get channels(): ReadonlySet<FeedChannel> {
    return new Set(this.#contents?.channels);
  }

  /** @throws StoreError `recording.missing`, `recording.empty`, `recording.venues`, `recording.version`. */
  async start(): Promise<void> {
    await this.#open();
    if (this.#state !== 'idle') return;
    this.#state = 'ready';
    this.#begin();
  }

  async stop(): Promise<void> {
    this.#aborter.abort();
    if (this.#state !== 'ended' && this.#state !== 'failed') this.#state = 'stopped';
    this.#end.resolve(this.report());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  health(): Health {
    const { damageCount, cutOff, lost } = this.#reporter.build();
    if (this.#state === 'failed') return { status: 'failed', detail: this.#failure };
    if (this.#state === 'idle' || this.#state === 'stopped') return { status: 'stopped' };
    const detail = `${this.#played} updates${this.#state === 'ended' ? ', at its end' : ''}`;
    const isWhole = damageCount === 0 && cutOff.length === 0 && lost === 0;
    if (this.#state !== 'ended' && isWhole) return { status: 'healthy', detail };
    const flaws = isWhole
      ? ''
      : `; ${cutOff.length} segments cut off, ${damageCount} parts damaged, ${lost} updates lost`;
    return { status: 'degraded', detail: `${detail}${flaws}` };
  }

  /** Resolves at the end of the recording or when stopped. Rejects with StoreError when a segment can not be read. */
  ended(): Promise<RecordingReport> {
    return this.#end.promise;
  }

  /** What reading has come upon so far. */
  report(): RecordingReport {
    return this.#reporter.build();
  }

  async fetchInstruments(): Promise<readonly Instrument[]> {
    return (await this.#open()).instruments;
  }

  /** Closed bars that were told so far, oldest first. */
  async fetchCandles(range: SeriesRange, options: { readonly signal?: AbortSignal } = {}): Promise<readonly Candle[]> {
    const bars = new Map<number, Candle>();
    for await (const { update } of this.#told(options.signal)) {
      if (update.kind !== 'candle' || !update.closed) continue;
      const { candle } = update;
      if (candle.instrumentId !== range.instrumentId || candle.timeframe !== range.timeframe) continue;
      if (candle.openAtMs >= range.fromMs && candle.openAtMs < range.toMs) bars.set(candle.openAtMs, candle);
    }
    return [...bars.values()].sort((a, b) => a.openAtMs - b.openAtMs);
  }

  /** Settled funding that was told so far, oldest first. */
  async fetchFunding(
    range: { readonly instrumentId: InstrumentId; readonly fromMs: number; readonly toMs: number },
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly FundingRate[]> {
    const rates = new Map<number, FundingRate>();
    for await (const { update } of this.#told(options.signal)) {
      if (update.kind !== 'funding' || update.funding.predicted) continue;
      const { funding } = update;
      if (funding.instrumentId !== range.instrumentId) continue;
      if (funding.settlesAtMs >= range.fromMs && funding.settlesAtMs < range.toMs)
        rates.set(funding.settlesAtMs, funding);
    }
    return [...rates.values()].sort((a, b) => a.settlesAtMs - b.settlesAtMs);
  }

  watch(subscription: FeedSubscription, call: (update: FeedUpdate) => void): Unsubscribe {
    const listener = {
      instrumentIds: new Set(subscription.instrumentIds),
      channels: new Set(subscription.channels),
      call,
    };
    this.#listeners.add(listener);
    // Who comes later has missed the book that the next deltas follow on.
    for (const id of listener.channels.has('book') ? listener.instrumentIds : []) {
      const book = this.#books.whole(id);
      if (book !== undefined) call({ kind: 'book', book });
    }
    this.#begin();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  streams(): readonly StreamStatus[] {
    return [...this.#streams.values()];
  }

  async #open(): Promise<RecordingContents> {
    this.#contents ??= await recordingContents(this.#options.directory);
    return this.#contents;
  }

  #begin(): void {
    if (this.#state !== 'ready' || this.#listeners.size === 0) return;
    this.#state = 'playing';
    this.#play().then(
      () => {
        if (this.#state === 'playing') this.#state = 'ended';
        this.#end.resolve(this.report());
      },
      (error: unknown) => {
        if (this.#aborter.signal.aborted) return;
        this.#state = 'failed';
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#end.reject(error);
      },
    );
  }

  async #play(): Promise<void> {
    const { clock, directory } = this.#options;
    const { signal } = this.#aborter;
    // The clock stands still while a segment is being read.
    let release = clock.hold();
    let begun: { readonly recordedMs: number; readonly clockMs: number } | undefined;
    try {
      for await (const batch of readRecording(directory, { reporter: this.#reporter, signal })) {
        for (const recorded of batch) {
          if (this.#speed !== 'max') {
            begun ??= { recordedMs: recorded.atMs, clockMs: clock.nowMs() };
            const dueMs = begun.clockMs + Math.ceil((recorded.atMs - begun.recordedMs) / this.#speed);
            if (dueMs > clock.nowMs()) {
              const due = this.#timer(dueMs - clock.nowMs());
              release();
              await due;
              release = clock.hold();
            }
          }
          if (signal.aborted) return;
          this.#tell(recorded);
        }
      }
    } finally {
      release();
    }
  }

  /** Resolves after a delay, or when stopped. */
  #timer(delayMs: number): Promise<void> {
    const { signal } = this.#aborter;
    return new Promise((resolve) => {
      const cancel = this.#options.clock.setTimer(delayMs, done);
      function done(): void {
        signal.removeEventListener('abort', done);
        cancel();
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }

  #tell(recorded: RecordedUpdate): void {
    const { update, atMs } = recorded;
    const { instrumentId, channel } = streamOf(update);
    this.#played += 1;
    if (update.kind === 'book' || update.kind === 'book-delta' || update.kind === 'gap') this.#books.take(update);
    const key = `${channel} ${instrumentId}`;
    const known = this.#streams.get(key) ?? {
      ...{ instrumentId, channel, status: 'live', lastUpdateAtMs: undefined },
      ...{ updates: 0, invalid: 0, reconnects: 0 },
    };
    if (update.kind === 'status') this.#streams.set(key, update.status);
    else if (update.kind !== 'gap') {
      this.#streams.set(key, { ...known, lastUpdateAtMs: atMs, updates: known.updates + 1 });
    }
    for (const { instrumentIds, channels, call } of this.#listeners) {
      if (instrumentIds.has(instrumentId) && channels.has(channel)) call(update);
    }
  }

  /** What was played so far, read again. */
  async *#told(signal: AbortSignal | undefined): AsyncGenerator<RecordedUpdate> {
    let left = this.#played;
    for await (const batch of readRecording(this.#options.directory, signal === undefined ? {} : { signal })) {
      for (const recorded of batch) {
        if (left === 0) return;
        left -= 1;
        yield recorded;
      }
    }
  }
}
