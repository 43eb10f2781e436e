import type {
  Candle,
  FeedGap,
  FeedUpdate,
  Instrument,
  MarketObservation,
  MarketSource,
  MarketStep,
} from '@perpdesk/core';
import { readRecording, recordingContents } from './read-recording.ts';
import { RecordedBars } from './recorded-bars.ts';
import { RecordedBooks } from './recorded-books.ts';
import { type RecordingReport, RecordingReporter } from './recording-report.ts';

/** Options of {@link RecordedSource}. */
export interface RecordedSourceOptions {
  /** A folder that a {@link FeedRecorder} wrote. */
  readonly directory: string;
  /** A book is told at most this often, ms. Default 1,000. */
  readonly bookEveryMs?: number;
  /** How many levels a side of it. Default 50. */
  readonly bookLevels?: number;
}

/**
 * A recording as a market source, for {@link MarketPlayer}: what came at one instant is one step. Of the venue's own bars the
 * closed minutes are told, all other timeframes are rolled up by the desk; where no candles were recorded the minutes are
 * built from the trades, without those in which trades were missed. Book deltas are applied and the book is told whole.
 */
export class RecordedSource implements MarketSource {
  readonly name: string;
  readonly #options: RecordedSourceOptions;
  #reporter = new RecordingReporter();

  constructor(options: RecordedSourceOptions) {
    this.name = `recording ${options.directory}`;
    this.#options = options;
  }

  /** @throws StoreError as {@link recordingContents}. */
  async instruments(): Promise<readonly Instrument[]> {
    return (await recordingContents(this.#options.directory)).instruments;
  }

  /** Nothing: a recording begins with its first update. */
  async *history(): AsyncGenerator<readonly Candle[]> {}

  async *steps(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<MarketStep> {
    this.#reporter = new RecordingReporter();
    const { directory, bookEveryMs = 1000, bookLevels = 50 } = this.#options;
    const books = new RecordedBooks(bookEveryMs, bookLevels);
    const { channels } = await recordingContents(directory);
    const bars = channels.includes('candles') ? undefined : new RecordedBars();
    let atMs = Number.NEGATIVE_INFINITY;
    let observations: MarketObservation[] = [];
    let gaps: FeedGap[] = [];
    for await (const batch of readRecording(directory, { ...options, reporter: this.#reporter })) {
      for (const recorded of batch) {
        if (recorded.atMs > atMs) {
          observations.push(...books.due(atMs));
          if (observations.length > 0) {
            yield stepOf(atMs, observations, gaps);
            gaps = [];
          }
          observations = [];
          // A machine's clock may have been set back: time stands still then until it is caught up.
          atMs = recorded.atMs;
        }
        const { update } = recorded;
        if (update.kind === 'book' || update.kind === 'book-delta' || update.kind === 'gap') books.take(update);
        if (update.kind === 'gap') gaps.push(update.gap);
        if (bars !== undefined) observations.push(...bars.take(update));
        const observation = observationOf(update);
        if (observation !== undefined) observations.push(observation);
      }
    }
    observations.push(...books.due(Number.POSITIVE_INFINITY));
    if (observations.length > 0) yield stepOf(atMs, observations, gaps);
  }

  /** What the last reading of its steps came upon. */
  report(): RecordingReport {
    return this.#reporter.build();
  }
}

/** What was missed goes with the next step: alone it changes nothing. */
const stepOf = (atMs: number, observations: MarketObservation[], gaps: FeedGap[]): MarketStep =>
  gaps.length === 0 ? { atMs, observations } : { atMs, observations, gaps };

function observationOf(update: FeedUpdate): MarketObservation | undefined {
  switch (update.kind) {
    case 'candle':
      return update.closed && update.candle.timeframe === '1m' ? { kind: 'candle', candle: update.candle } : undefined;
    case 'book':
    case 'book-delta':
    case 'gap':
    case 'status':
      return undefined;
    default:
      return update;
  }
}
