import { type FeedChannel, type FeedUpdate, type InstrumentId, SeededRandom, SystemClock } from '@perpdesk/core';
import { CcxtFeed, type CcxtFeedOptions } from '../ccxt-feed.ts';
import type { FeedTiming } from '../feed-timing.ts';
import type { FeedVenue } from '../venue-feeds.ts';
import { LocalVenue, type LocalVenueOptions } from './local-venue.ts';

/** A real feed on a local venue, with what it told. */
export interface FeedHarness {
  readonly feed: CcxtFeed;
  readonly venue: LocalVenue;
  readonly updates: FeedUpdate[];
  watch(instrumentIds: readonly InstrumentId[], channels: readonly FeedChannel[]): () => void;
  /** Resolves with the first update that fits, told already or not. */
  until<Kind extends FeedUpdate['kind']>(
    kind: Kind,
    fits?: (update: Extract<FeedUpdate, { kind: Kind }>) => boolean,
  ): Promise<Extract<FeedUpdate, { kind: Kind }>>;
  of<Kind extends FeedUpdate['kind']>(kind: Kind): Extract<FeedUpdate, { kind: Kind }>[];
  close(): Promise<void>;
}

/** Short pauses: everything happens within milliseconds on loopback. */
export const shortTiming: Partial<FeedTiming> = {
  ...{ tickMs: 10, firstBackoffMs: 20, longestBackoffMs: 80, settleMs: 30, retryMs: 10, closeGraceMs: 50 },
  ...{ firstWordMs: 300, stableMs: 1_000 },
};

/** Starts a venue and a feed on it. */
export async function startFeed(
  name: FeedVenue,
  script: LocalVenueOptions,
  options: Partial<CcxtFeedOptions> = {},
): Promise<FeedHarness> {
  const venue = await LocalVenue.start(script);
  const feed = new CcxtFeed({
    venue: name,
    clock: new SystemClock(),
    random: new SeededRandom(1),
    endpoints: venue.endpoints,
    rateLimit: false,
    ...options,
    timing: { ...shortTiming, ...options.timing },
  });
  const updates: FeedUpdate[] = [];
  const waiting = new Set<() => void>();
  await feed.start();
  const of = <Kind extends FeedUpdate['kind']>(kind: Kind): Extract<FeedUpdate, { kind: Kind }>[] =>
    updates.filter((update): update is Extract<FeedUpdate, { kind: Kind }> => update.kind === kind);
  return {
    ...{ feed, venue, updates, of },
    watch: (instrumentIds, channels) =>
      feed.watch({ instrumentIds, channels }, (update) => {
        updates.push(update);
        for (const wake of waiting) wake();
      }),
    async until(kind, fits = () => true) {
      for (;;) {
        const found = of(kind).find(fits);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    async close() {
      await feed.stop();
      await venue.close();
    },
  };
}
