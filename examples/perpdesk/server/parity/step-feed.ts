import type {
  FeedChannel,
  FeedSubscription,
  FeedUpdate,
  Instrument,
  MarketFeed,
  MarketObservation,
  MarketStep,
  Unsubscribe,
} from '@perpdesk/core';

export const stepChannels: readonly FeedChannel[] = [
  'trades',
  'book',
  'candles',
  'ticker',
  'funding',
  'open-interest',
  'liquidations',
];

/** The steps that a desk was given, told as one feed, so that a FeedRecorder can write them down in their order. */
export class StepFeed implements MarketFeed {
  readonly name = 'feed.desk';
  readonly venue: string;
  readonly channels: ReadonlySet<FeedChannel> = new Set(stepChannels);
  readonly #instruments: readonly Instrument[];
  readonly #listeners = new Map<string, (update: FeedUpdate) => void>();

  constructor(instruments: readonly Instrument[], venue = 'desk') {
    this.#instruments = instruments;
    this.venue = venue;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health() {
    return { status: 'healthy' } as const;
  }
  async fetchInstruments(): Promise<readonly Instrument[]> {
    return this.#instruments;
  }
  async fetchCandles(): Promise<readonly []> {
    return [];
  }
  streams(): readonly [] {
    return [];
  }

  watch({ instrumentIds, channels }: FeedSubscription, listener: (update: FeedUpdate) => void): Unsubscribe {
    const keys = instrumentIds.flatMap((id) => channels.map((channel) => `${channel} ${id}`));
    for (const key of keys) this.#listeners.set(key, listener);
    return () => {
      for (const key of keys) this.#listeners.delete(key);
    };
  }

  tell({ atMs, observations, gaps = [] }: MarketStep): void {
    for (const gap of gaps) this.#listeners.get(`${gap.channel} ${gap.instrumentId}`)?.({ kind: 'gap', gap });
    for (const observation of observations) {
      const told = updateOf(observation, atMs);
      if (told !== undefined) this.#listeners.get(told.key)?.(told.update);
    }
  }
}

/** What a step says, as a feed says it; undefined for what no feed does. */
function updateOf(
  seen: MarketObservation,
  atMs: number,
): { readonly key: string; readonly update: FeedUpdate } | undefined {
  switch (seen.kind) {
    case 'candle':
    case 'forming-candle': {
      const { candle } = seen;
      const update = { kind: 'candle', candle, closed: seen.kind === 'candle', receivedAtMs: atMs } as const;
      return { key: `candles ${candle.instrumentId}`, update };
    }
    case 'ticker':
      return { key: `ticker ${seen.ticker.instrumentId}`, update: seen };
    case 'trade':
      return { key: `trades ${seen.trade.instrumentId}`, update: seen };
    case 'book':
      return { key: `book ${seen.book.instrumentId}`, update: seen };
    case 'funding':
      return { key: `funding ${seen.funding.instrumentId}`, update: seen };
    case 'open-interest':
      return { key: `open-interest ${seen.openInterest.instrumentId}`, update: seen };
    case 'liquidation':
      return { key: `liquidations ${seen.liquidation.instrumentId}`, update: seen };
    default:
      return undefined;
  }
}

/** The other way round. */
export function observationOf(update: FeedUpdate): MarketObservation | undefined {
  switch (update.kind) {
    case 'candle':
      return { kind: update.closed ? 'candle' : 'forming-candle', candle: update.candle };
    case 'gap':
    case 'status':
    case 'book-delta':
      return undefined;
    default:
      return update;
  }
}
