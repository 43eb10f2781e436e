import type {
  Candle,
  FeedChannel,
  FeedSubscription,
  FeedUpdate,
  Health,
  Instrument,
  InstrumentId,
  MarketFeed,
  StreamStatus,
  Unsubscribe,
} from '@perpdesk/core';
import { marketOf, venueOf } from '@perpdesk/core';
import { exampleInstrument } from '../../player/testing/example-market.ts';
import { streamOf } from '../segment-format.ts';

/** A feed that says what a test tells it to. */
export class ScriptedFeed implements MarketFeed {
  readonly name = 'feed.scripted';
  readonly venue = 'scripted';
  readonly channels: ReadonlySet<FeedChannel> = new Set<FeedChannel>([
    ...(['trades', 'book', 'candles', 'ticker', 'funding', 'open-interest', 'liquidations'] as const),
  ]);
  /** Every subscription made, ended ones too. */
  readonly subscriptions: FeedSubscription[] = [];
  readonly #instrumentIds: readonly InstrumentId[];
  readonly #listeners = new Set<(update: FeedUpdate) => void>();

  constructor(instrumentIds: readonly InstrumentId[] = ['BTC-PERP@scripted', 'ETH-PERP@scripted']) {
    this.#instrumentIds = instrumentIds;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health(): Health {
    return { status: 'healthy' };
  }
  async fetchInstruments(): Promise<readonly Instrument[]> {
    return this.#instrumentIds.map((id) => exampleInstrument(marketOf(id), venueOf(id)));
  }
  async fetchCandles(): Promise<readonly Candle[]> {
    return [];
  }
  streams(): readonly StreamStatus[] {
    return [];
  }

  watch(subscription: FeedSubscription, listener: (update: FeedUpdate) => void): Unsubscribe {
    this.subscriptions.push(subscription);
    const filtered = (update: FeedUpdate): void => {
      const { instrumentId, channel } = streamOf(update);
      if (subscription.instrumentIds.includes(instrumentId) && subscription.channels.includes(channel))
        listener(update);
    };
    this.#listeners.add(filtered);
    return () => {
      this.#listeners.delete(filtered);
    };
  }

  /** Says something to all who watch it. */
  tell(update: FeedUpdate): void {
    for (const listener of this.#listeners) listener(update);
  }
}
