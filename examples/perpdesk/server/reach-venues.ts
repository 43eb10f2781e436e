import {
  type Clock,
  ConfigError,
  type Logger,
  type MarketFeed,
  type MarketId,
  type MarketSource,
  SystemRandom,
  type VenueBudget,
} from '@perpdesk/core';
import { CcxtFeed, LiveSource } from '@perpdesk/data';
import { nothingYet } from './execution/nothing-yet.ts';
import { testNetOrigins } from './execution/test-net-origins.ts';
import type { Environment } from './language-model.ts';
import { type LiveVenue, liveVenues, type ServerOptions, symbolMarkets } from './options.ts';

/** Feeds that are up, and the source they make. */
export interface ReachedVenues {
  readonly feeds: readonly MarketFeed[];
  readonly source: MarketSource;
  /** Venues that were asked for and did not answer. */
  readonly missing: readonly LiveVenue[];
  stop(): Promise<void>;
}

/** Local servers in place of venues. */
export type VenueEndpoints = Readonly<Partial<Record<LiveVenue, { readonly http: string; readonly ws: string }>>>;

/** What is watched unless symbols are named: what every venue lists, and few enough to look at. */
const defaultSymbols = ['BTC', 'ETH', 'SOL', 'XRP', 'DOGE'];
const answerWithinMs = 3_000;

/** What feeds are made with. */
export interface FeedSetting {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly endpoints: VenueEndpoints;
  /** Of venues that orders go to as well. */
  readonly budgets?: ReadonlyMap<string, VenueBudget>;
}

/** The markets that are watched. */
export const watchedMarkets = (options: Pick<ServerOptions, 'symbols'>): readonly MarketId[] =>
  symbolMarkets(options) ?? defaultSymbols.map((symbol): MarketId => `${symbol}-PERP`);

/** A feed of a venue: of its test net where orders go to that. */
export function openFeed(
  venue: LiveVenue,
  { execution }: Pick<ServerOptions, 'execution'>,
  { clock, logger, endpoints, budgets }: FeedSetting,
): CcxtFeed {
  const local = endpoints[venue];
  const tested = execution?.network === 'testnet' ? execution.venues.find((name) => name === venue) : undefined;
  const origins = local ?? (tested && testNetOrigins[tested]);
  const budget = budgets?.get(venue);
  return new CcxtFeed({
    ...{ venue, clock, random: new SystemRandom(), logger },
    ...(origins === undefined ? {} : { endpoints: origins }),
    ...(local === undefined ? {} : { rateLimit: false }),
    ...(budget === undefined ? {} : { budget }),
  });
}

/**
 * Connects to the venues asked for and keeps those that answer within 3 s. Where orders go to venues, that is none, too: a desk
 * with positions must come up.
 * @throws ConfigError `feeds.unreachable` when none does, `markets.unknown` when none lists a symbol asked for.
 */
export async function reachVenues(options: ServerOptions, setting: FeedSetting): Promise<ReachedVenues> {
  const { clock, logger } = setting;
  const all = options.venues.map((venue) => openFeed(venue, options, setting));
  const late = new AbortController();
  const release = clock.setTimer(answerWithinMs, () => late.abort(new Error('no answer in time')));
  const started = await Promise.all(all.map((feed) => isUp(feed, late.signal, logger)));
  release();
  const feeds = all.filter((_, index) => started[index]);
  // One that did not answer may be waiting still: it is let go of and not waited for.
  for (const feed of all) if (!feeds.includes(feed)) void feed.stop();
  const stop = async (): Promise<void> => {
    await Promise.all(feeds.map((feed) => feed.stop()));
  };
  if (feeds.length === 0) {
    if (options.execution === undefined) throw unreachable(options.venues);
    return { feeds, source: nothingYet, missing: options.venues, stop };
  }
  try {
    const markets = watchedMarkets(options);
    const source = new LiveSource({ feeds, clock, markets, answerWithinMs, historyWithinMs: 10_000, logger });
    await source.instruments();
    const missing = options.venues.filter((venue) => !feeds.some((feed) => feed.venue === venue));
    return { feeds, source, missing, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `PERPDESK_VENUE_BINANCE=127.0.0.1:8080` puts a local server in a venue's place, for tests and rehearsals. */
export function venueEndpoints(environment: Environment): VenueEndpoints {
  return Object.fromEntries(
    liveVenues.flatMap((venue) => {
      const address = environment[`PERPDESK_VENUE_${venue.toUpperCase()}`];
      return address === undefined ? [] : [[venue, { http: `http://${address}`, ws: `ws://${address}` }]];
    }),
  );
}

async function isUp(feed: MarketFeed, signal: AbortSignal, logger: Logger): Promise<boolean> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    await Promise.race([feed.start({ signal }), late]);
    return true;
  } catch (error) {
    // A mistake in what was set up is the operator's to mend; a venue that is away is not.
    if (ConfigError.is(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ venue: feed.venue, reason }, 'a venue did not answer');
    return false;
  }
}

const unreachable = (venues: readonly LiveVenue[]): ConfigError =>
  new ConfigError(
    'feeds.unreachable',
    `None of ${venues.join(', ')} answered within ${answerWithinMs / 1000} s: is there a network? Use --source simulated or --replay DIR.`,
  );
