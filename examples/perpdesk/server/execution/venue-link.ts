import type {
  Clock,
  CredentialVault,
  Health,
  Instrument,
  Logger,
  MarketFeed,
  MarketSource,
  Release,
  Service,
} from '@perpdesk/core';
import { LivePlayer, type MarketDataService } from '@perpdesk/data';
import type { DeskVenue } from './desk-venue.ts';

/** What a link needs of the venue's market data. */
export interface LinkedFeed {
  /** The feed that answered when the desk was started. */
  readonly present?: MarketFeed;
  /** Another one, for a venue that did not; not started. */
  readonly open: () => MarketFeed;
  /** What a feed that came late says, of the markets that the desk watches. */
  readonly sourceOf: (feed: MarketFeed) => MarketSource;
}

/** Options of {@link VenueLink}. */
export interface VenueLinkOptions {
  readonly makeVenue: (instruments: () => readonly Instrument[]) => DeskVenue;
  readonly userId: string;
  readonly vault: Pick<CredentialVault, 'list'>;
  readonly feed: LinkedFeed;
  readonly marketData: MarketDataService;
  /** Called whenever the venue can be used again: read its accounts. */
  readonly onConnected?: () => Promise<void>;
  readonly clock: Clock;
  /** How long a start waits for the venue before the desk goes on without it, ms. Default 5,000. */
  readonly startWithinMs?: number;
  /** How long after a failure it is tried again, and how often it is looked whether keys have changed, ms. Default 5,000. */
  readonly lookEveryMs?: number;
  readonly logger: Logger;
}

/**
 * Brings a live venue up and keeps it so: its listing, its markets, the test of the keys, and the market data where that was not
 * there at the start. A venue that can not be reached keeps nothing else from starting: it takes no new risk (`venue.unhealthy`),
 * is tried again, and comes in when it answers. Keys that are saved anew are used from the next look on.
 */
export class VenueLink implements Service {
  readonly name: string;
  readonly venue: DeskVenue;
  readonly #options: VenueLinkOptions;
  readonly #lookEveryMs: number;
  #listing: readonly Instrument[] = [];
  #feed: MarketFeed | undefined;
  /** Feed and player that the desk was started without. */
  #late: { readonly feed: MarketFeed; readonly player: LivePlayer } | undefined;
  #keysAtMs: number | undefined;
  #trouble: string | undefined = 'not connected yet';
  #running = false;
  #looking: Promise<void> = Promise.resolve();
  #cancelTimer: Release | undefined;

  constructor(options: VenueLinkOptions) {
    this.#options = options;
    this.#lookEveryMs = options.lookEveryMs ?? 5_000;
    this.venue = options.makeVenue(() => this.#listing);
    this.name = `venue.${this.venue.name}`;
    this.#feed = options.feed.present;
  }

  /** Resolves when the venue is up, or has had its time. */
  async start(): Promise<void> {
    this.#running = true;
    const waited = new AbortController();
    const first = this.#look();
    await Promise.race([
      first.finally(() => waited.abort()),
      this.#options.clock.sleep(this.#options.startWithinMs ?? 5_000, { signal: waited.signal }).catch(() => undefined),
    ]);
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelTimer?.();
    await this.#late?.player.stop();
    await this.venue.stop();
    await this.#late?.feed.stop();
    await this.#looking;
  }

  health(): Health {
    if (!this.#running) return { status: 'stopped' };
    const detail = this.#trouble ?? this.venue.unhealthy();
    return detail === undefined ? { status: 'healthy' } : { status: 'failed', detail };
  }

  #look(): Promise<void> {
    this.#looking = this.#attempt().finally(() => {
      if (!this.#running) return;
      this.#cancelTimer = this.#options.clock.setTimer(this.#lookEveryMs, () => void this.#look());
    });
    return this.#looking;
  }

  async #attempt(): Promise<void> {
    const before = this.#trouble;
    try {
      if (this.#trouble !== undefined) await this.#connect();
      await this.#followKeys();
      // The account before the prices: a plan that is made on them meets a known account.
      if (before !== undefined) await this.#options.onConnected?.();
      if (
        this.#feed !== undefined &&
        this.#feed !== this.#options.feed.present &&
        this.#late === undefined &&
        this.#running
      )
        this.#join(this.#feed);
      if (before !== undefined && this.#running) this.#logger.info({ venue: this.venue.name }, 'a venue is connected');
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      if (this.#trouble !== before && this.#running)
        this.#logger.warn({ error, venue: this.venue.name }, 'a venue takes no orders yet: it is tried again');
    }
  }

  async #connect(): Promise<void> {
    const { feed: linked } = this.#options;
    if (this.#feed === undefined) {
      const opened = linked.open();
      try {
        await opened.start();
      } catch (error) {
        await opened.stop();
        throw error;
      }
      this.#feed = opened;
    }
    const listing = await this.#feed.fetchInstruments();
    if (!this.#running) return;
    // The whole listing, not what is watched alone: what a user holds elsewhere at the venue must be seen.
    this.#listing = listing;
    if (this.venue.instruments().length === 0) await this.venue.start();
  }

  /** Lets the desk see the prices of a venue that came late. */
  #join(feed: MarketFeed): void {
    const { marketData, feed: linked } = this.#options;
    const player = new LivePlayer({ source: linked.sourceOf(feed), service: marketData });
    this.#late = { feed, player };
    player.run().catch((error: unknown) => {
      this.#logger.error({ error, venue: this.venue.name }, 'the market data of a venue that came late has ended');
    });
  }

  /** Tests keys at the start and whenever others are in the vault. */
  async #followKeys(): Promise<void> {
    const { vault, userId } = this.#options;
    const kept = (await vault.list(userId)).find(({ venue }) => venue === this.venue.name);
    const atMs = kept?.updatedAtMs ?? 0;
    if (atMs === this.#keysAtMs) return;
    if (this.#keysAtMs !== undefined) await this.venue.forget(userId);
    const trouble = await this.venue.testKeys(userId);
    this.#keysAtMs = atMs;
    if (trouble !== undefined)
      this.#logger.error(
        { venue: this.venue.name, trouble },
        'the keys of a venue are not in order: it takes no new risk',
      );
  }

  get #logger(): Logger {
    return this.#options.logger;
  }
}
