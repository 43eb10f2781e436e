import { type Clock, ConfigError, type Logger, type MarketFeed, SystemRandom } from '@perpdesk/core';
import { CcxtFeed, LiveSource } from '@perpdesk/data';
import type { Environment } from './language-model.ts';
import { type LiveVenue, liveVenues, type ServerOptions, symbolMarkets } from './options.ts';

/** Feeds that are up, and the source they make. */
export interface ReachedVenues {
  readonly feeds: readonly MarketFeed[];
  readonly source: LiveSource;
  /** Venues that were asked for and did not answer. */
  readonly missing: readonly LiveVenue[];
  stop(): Promise<void>;
}

/** Local servers in place of venues. */
export type VenueEndpoints = Readonly<Partial<Record<LiveVenue, { readonly http: string; readonly ws: string }>>>;

/** What is watched unless symbols are named: what every venue lists, and few enough to look at. */
const defaultSymbols = ['BTC', 'ETH', 'SOL', 'XRP', 'DOGE'];
const answerWithinMs = 3_000;

/**
 * Connects to the venues asked for and keeps those that answer within 3 s.
 * @throws ConfigError `feeds.unreachable` when none does, `markets.unknown` when none lists a symbol asked for.
 */
export async function reachVenues(
  options: ServerOptions,
  { clock, logger, endpoints }: { readonly clock: Clock; readonly logger: Logger; readonly endpoints: VenueEndpoints },
): Promise<ReachedVenues> {
  const all = options.venues.map((venue) => {
    const endpoint = endpoints[venue];
    return new CcxtFeed({
      ...{ venue, clock, random: new SystemRandom(), logger },
      ...(endpoint === undefined ? {} : { endpoints: endpoint, rateLimit: false }),
    });
  });
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
  if (feeds.length === 0) throw unreachable(options.venues);
  try {
    const markets = symbolMarkets(options) ?? defaultSymbols.map((symbol) => `${symbol}-PERP`);
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
