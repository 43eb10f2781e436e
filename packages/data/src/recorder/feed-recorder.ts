import {
  type Clock,
  type FeedSubscription,
  type Health,
  type InstrumentId,
  type Logger,
  type MarketFeed,
  PerpDeskError,
  type Release,
  type Service,
  StoreError,
  silentLogger,
  type Unsubscribe,
  ValidationError,
} from '@perpdesk/core';
import { RecorderQueue } from './recorder-queue.ts';
import { type OpenSegmentFile, openSegmentFile } from './segment-file.ts';
import { SegmentSequence } from './segment-sequence.ts';

/** Options of {@link FeedRecorder}. */
export interface FeedRecorderOptions {
  /** Starting and stopping it is the caller's. */
  readonly feed: MarketFeed;
  readonly subscription: FeedSubscription;
  /** Made when it is not there. An earlier recording in it is continued, with a gap told between. */
  readonly directory: string;
  readonly clock: Clock;
  /** Default `recorder.<venue>`. */
  readonly name?: string;
  /** A segment is closed when it has so many compressed bytes. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** A segment is closed when it spans so long. Default an hour. */
  readonly segmentMs?: number;
  /** Updates wait so long for their block at most: what a `kill -9` can take. Default 1,000. */
  readonly flushEveryMs?: number;
  /** A block is written at once when so many characters wait. Default 256 Ki. */
  readonly blockBytes?: number;
  /** What may wait for a slow or full disk; beyond it updates are left out and told as a gap. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /** How long after a failed write the next is tried, ms. Default 1,000. */
  readonly retryMs?: number;
  /** Told once when the disk begins to fail, with StoreError `recording.unwritable`. It is tried again all the same. */
  readonly onFailure?: (error: StoreError) => void;
  readonly logger?: Logger;
  /** Opens segment files. Default: those of the file system. */
  readonly openFile?: OpenSegmentFile;
}

/** How far a recorder is. Every update told is recorded, or lost and covered by a gap that is recorded. */
export interface RecorderCounts {
  /** What the feed told since the start. */
  readonly told: number;
  readonly recorded: number;
  /** Left out for want of room, or never written when the recorder was stopped on a failing disk. */
  readonly lost: number;
  /** Characters that wait for the disk. */
  readonly pendingBytes: number;
  readonly segments: number;
  /** Compressed bytes written. */
  readonly bytes: number;
}

/**
 * Records what a feed says, each update exactly as it came and in its order, into compressed segments of a folder.
 *
 * A slow disk is waited for, up to `maxPendingBytes`; then streams are left out, each told as a `gap` of reason `overflow`
 * with its span and the number of updates, and a book goes on with a new whole one. A failing disk counts as a slow one: the
 * write is repeated, nothing that waits is dropped.
 *
 * @example
 * await using recorder = new FeedRecorder({ feed, subscription, directory: 'recordings/binance', clock });
 * await recorder.start();
 */
export class FeedRecorder implements Service {
  readonly name: string;
  readonly #options: FeedRecorderOptions;
  readonly #logger: Logger;
  readonly #queue: RecorderQueue;
  readonly #segments: SegmentSequence;
  readonly #flushEveryMs: number;
  readonly #blockBytes: number;
  readonly #watches: Unsubscribe[] = [];
  readonly #bookWatches = new Map<InstrumentId, Unsubscribe>();
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #timer: Release | undefined;
  #pumping: Promise<void> | undefined;
  #failure: StoreError | undefined;
  #unwritten = 0;

  /** @throws ValidationError `recorder.options` when a bound is not a number above 0. */
  constructor(options: FeedRecorderOptions) {
    const { feed, clock, directory } = options;
    const bounds = {
      segmentBytes: options.segmentBytes ?? 64 * 1024 * 1024,
      segmentMs: options.segmentMs ?? 3_600_000,
      flushEveryMs: options.flushEveryMs ?? 1000,
      blockBytes: options.blockBytes ?? 256 * 1024,
      maxPendingBytes: options.maxPendingBytes ?? 64 * 1024 * 1024,
      retryMs: options.retryMs ?? 1000,
    };
    for (const [name, value] of Object.entries(bounds)) {
      if (!(value > 0)) throw new ValidationError('recorder.options', `${name} must be above 0, got ${value}.`);
    }
    this.name = options.name ?? `recorder.${feed.venue}`;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#flushEveryMs = bounds.flushEveryMs;
    this.#blockBytes = bounds.blockBytes;
    this.#queue = new RecorderQueue({ nowMs: () => clock.nowMs(), maxBytes: bounds.maxPendingBytes });
    const { segmentBytes, segmentMs } = bounds;
    this.#segments = new SegmentSequence({
      directory,
      segmentBytes,
      segmentMs,
      openFile: options.openFile ?? openSegmentFile,
    });
  }

  /**
   * Asks the feed for the instruments, opens the first segment and watches.
   * @throws StoreError `recording.unwritable` when the folder can not be written to; VenueError from the feed;
   * ValidationError `recorder.instrument` when the venue does not list one that is to be recorded.
   */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { feed, subscription, clock } = this.#options;
    const listed = new Map((await feed.fetchInstruments(options)).map((instrument) => [instrument.id, instrument]));
    const instruments = subscription.instrumentIds.map((id) => {
      const instrument = listed.get(id);
      if (instrument !== undefined) return instrument;
      throw new ValidationError('recorder.instrument', `${feed.venue} does not list ${id}, it can not be recorded.`);
    });
    const channels = [...subscription.channels];
    try {
      await this.#segments.begin({ venue: feed.venue, instruments, channels }, clock.nowMs());
    } catch (cause) {
      throw this.#unwritable(cause);
    }
    this.#state = 'running';
    const others = channels.filter((channel) => channel !== 'book');
    if (others.length > 0) this.#watches.push(this.#watch({ ...subscription, channels: others }));
    if (channels.includes('book')) for (const id of subscription.instrumentIds) this.#watchBook(id);
  }

  /** Writes what waits and closes the segment. On a disk that still fails it gives up what waits, and says so. */
  async stop(): Promise<void> {
    if (this.#state !== 'running') return;
    for (const unsubscribe of [...this.#watches, ...this.#bookWatches.values()]) unsubscribe();
    this.#state = 'stopped';
    this.#timer?.();
    await this.#pumping;
    this.#queue.closeAll();
    try {
      while (this.#queue.length > 0) {
        await this.#segments.flush();
        this.#segments.put(this.#queue.take(this.#blockBytes));
      }
      await this.#segments.end();
      this.#failure = undefined;
    } catch (cause) {
      this.#unwritten = this.#segments.waiting + this.#queue.length;
      this.#fail(cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  health(): Health {
    if (this.#failure !== undefined) {
      return { status: this.#state === 'stopped' ? 'failed' : 'degraded', detail: this.#failure.message };
    }
    if (this.#state !== 'running') return { status: 'stopped' };
    const { lost, losing } = this.#queue.counts();
    const detail = `${this.counts().recorded} updates, ${lost} lost`;
    return losing > 0 ? { status: 'degraded', detail } : { status: 'healthy', detail };
  }

  counts(): RecorderCounts {
    const { told, recorded, lost } = this.#queue.counts();
    return {
      told,
      recorded: recorded - this.#unwritten,
      lost: lost + this.#unwritten,
      pendingBytes: this.#queue.bytes,
      segments: this.#segments.segments,
      bytes: this.#segments.bytes,
    };
  }

  /** Resolves when what was told so far is written, or its writing has failed. */
  async flush(): Promise<void> {
    await this.#pump();
  }

  #watch(subscription: FeedSubscription): Unsubscribe {
    return this.#options.feed.watch(subscription, (update) => {
      if (this.#state !== 'running') return;
      this.#queue.push(update);
      if (this.#failure !== undefined) return;
      if (this.#queue.bytes >= this.#blockBytes) void this.#pump();
      else this.#schedule(this.#flushEveryMs);
    });
  }

  #watchBook(id: InstrumentId): void {
    this.#bookWatches.get(id)?.();
    this.#bookWatches.set(id, this.#watch({ instrumentIds: [id], channels: ['book'] }));
  }

  #schedule(delayMs: number): void {
    this.#timer ??= this.#options.clock.setTimer(delayMs, () => {
      this.#timer = undefined;
      void this.#pump();
    });
  }

  #pump(): Promise<void> {
    this.#pumping ??= this.#write().finally(() => {
      this.#pumping = undefined;
    });
    return this.#pumping;
  }

  async #write(): Promise<void> {
    const release = this.#options.clock.hold();
    this.#timer?.();
    this.#timer = undefined;
    try {
      await this.#segments.flush();
      this.#resume();
      while (this.#queue.length > 0 && this.#state === 'running') {
        this.#segments.put(this.#queue.take(this.#blockBytes));
        await this.#segments.flush();
        this.#resume();
      }
      if (this.#failure !== undefined) this.#logger.info({ recorder: this.name }, 'the disk takes the recording again');
      this.#failure = undefined;
    } catch (cause) {
      this.#fail(cause);
      if (this.#state === 'running') this.#schedule(this.#options.retryMs ?? 1000);
    } finally {
      release();
    }
  }

  /** Lets streams go on that were left out, once there is room. */
  #resume(): void {
    if (this.#state !== 'running') return;
    for (const id of this.#queue.resume()) this.#watchBook(id);
  }

  #fail(cause: unknown): void {
    const isNew = this.#failure === undefined;
    this.#failure = this.#unwritable(cause);
    if (!isNew && this.#unwritten === 0) return;
    this.#logger.error({ recorder: this.name, code: this.#failure.code }, this.#failure.message);
    this.#options.onFailure?.(this.#failure);
  }

  #unwritable(cause: unknown): StoreError {
    if (PerpDeskError.is(cause) && cause instanceof StoreError) return cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const given = this.#unwritten === 0 ? '' : ` ${this.#unwritten} updates were given up.`;
    return new StoreError(
      'recording.unwritable',
      `The recording in ${this.#options.directory} can not be written (${reason}); make room or give another folder.${given}`,
      { cause, retryable: true },
    );
  }
}
