import {
  type Candle,
  type FeedChannel,
  type FeedSubscription,
  type FeedUpdate,
  type FundingRate,
  type Health,
  type Instrument,
  type MarketFeed,
  type SeriesRange,
  type StreamStatus,
  type Unsubscribe,
  VenueError,
} from '@perpdesk/core';

/** A feed that says what a test tells it to. */
export class ScriptedFeed implements MarketFeed {
  readonly name: string;
  readonly venue: string;
  readonly channels: ReadonlySet<FeedChannel> = new Set(['trades', 'book', 'candles', 'ticker', 'funding']);
  readonly subscriptions: FeedSubscription[] = [];
  /** Ranges asked for. */
  readonly asked: SeriesRange[] = [];
  /** Never answers while true. */
  hangs = false;
  candles: (range: SeriesRange) => readonly Candle[] = () => [];
  rates: readonly FundingRate[] = [];
  readonly #instruments: readonly Instrument[] | undefined;
  readonly #listeners = new Set<(update: FeedUpdate) => void>();

  /** @param instruments undefined: the venue does not answer. */
  constructor(venue: string, instruments: readonly Instrument[] | undefined) {
    this.venue = venue;
    this.name = `feed.${venue}`;
    this.#instruments = instruments;
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  say(...updates: readonly FeedUpdate[]): void {
    for (const update of updates) for (const listener of this.#listeners) listener(update);
  }

  async fetchInstruments(): Promise<readonly Instrument[]> {
    if (this.hangs) return new Promise(() => {});
    if (this.#instruments === undefined) throw new VenueError('venue.unreachable', `${this.venue} does not answer.`);
    return this.#instruments;
  }

  async fetchCandles(range: SeriesRange): Promise<readonly Candle[]> {
    this.asked.push(range);
    return this.candles(range);
  }

  async fetchFunding(): Promise<readonly FundingRate[]> {
    return this.rates;
  }

  watch(subscription: FeedSubscription, listener: (update: FeedUpdate) => void): Unsubscribe {
    this.subscriptions.push(subscription);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  streams(): readonly StreamStatus[] {
    return [];
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health(): Health {
    return { status: 'healthy' };
  }
}
