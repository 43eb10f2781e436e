import type { Exchange } from 'ccxt';
import type { Clock } from '../clock/clock.ts';
import { ConfigError } from '../errors/config-error.ts';
import { type Logger, silentLogger } from '../logger/logger.ts';
import type { VenueBudget, VenueLane } from '../ports/venue-budget.ts';
import { AccountRequests } from './account-requester.ts';
import type { HttpTransport, SignedRequest } from './account-requests.ts';
import type { CcxtClient, SentSubscription } from './ccxt-client.ts';
import { type CcxtVenue, callEndpoint, ccxtVenueProfiles } from './ccxt-venues.ts';
import { exchangeSockets } from './exchange-sockets.ts';
import { guardExchange } from './guard-exchange.ts';
import { hardenExchange } from './harden-exchange.ts';
import type { SocketOpener } from './inject-wires.ts';
import { type Ccxt, loadCcxt } from './load-ccxt.ts';
import { venueFailure } from './venue-failure.ts';

export interface CcxtClientOptions {
  readonly venue: CcxtVenue;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Where every request takes its turn. Without it ccxt's own limiter spaces them. */
  readonly budget?: VenueBudget;
  /** The lane of the budget that this client's requests go in. Default `read`. */
  readonly lane?: VenueLane;
  /** How long an answer may take, ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** False switches ccxt's own limiter off. Default true. */
  readonly rateLimit?: boolean;
  /**
   * Other origins for all of the venue's addresses, such as a local server: `http://127.0.0.1:8080`. Their hosts are then
   * the only ones allowed, and plain http and ws on loopback only.
   */
  readonly endpoints?: { readonly http?: string; readonly ws?: string };
  /** Keys by ccxt's names: `apiKey`, `secret`, `password`, `privateKey`, `walletAddress`. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** True lets the client act on the venue. Default false. Nothing lets it withdraw or transfer. */
  readonly orders?: boolean;
  /** `testnet`: the venue's test net or demo trading, and no other host. Default `mainnet`. */
  readonly network?: 'mainnet' | 'testnet';
  /** Sees each request of the client that may act, as it goes over the wire; what it throws keeps the request from going. */
  readonly onRequest?: (request: SignedRequest) => void;
  /** Carries every HTTP request. Default: Node's own client. */
  readonly transport?: HttpTransport;
  /** Opens sockets. Default: those of the package ws. Subscriptions then go out as they are made: ccxt spaces them by its own timers. */
  readonly openSocket?: SocketOpener;
  /** Laid over ccxt's options before anything that is switched off. */
  readonly ccxtOptions?: Readonly<Record<string, unknown>>;
  /** Sees every socket message first, parsed or as the text that could not be; true keeps it from ccxt. */
  readonly onFrame?: (frame: unknown, url: string) => boolean;
}

/**
 * Opens a client of a venue: no retries, no attribution, no fee for anybody, hosts from a list, methods from a list.
 * Connects to nothing yet.
 * @throws ConfigError `package.missing` when ccxt is not installed; `venue.host-refused` for an endpoint that is not allowed.
 */
export async function openCcxtClient(options: CcxtClientOptions): Promise<CcxtClient> {
  const ccxt = await loadCcxt();
  const exchange = makeExchange(ccxt, options);
  const closing = new AbortController();
  hardenExchange(exchange, options, closing.signal);
  // ccxt refuses plain ws:// until this was done once.
  await exchange.loadHttpProxyAgent();
  return clientOf(ccxt, exchange, options, closing);
}

function makeExchange(ccxt: Ccxt, options: CcxtClientOptions): Exchange {
  const { ccxtId, family } = ccxtVenueProfiles[options.venue];
  const made: unknown = Reflect.get(ccxt[family], ccxtId);
  if (typeof made !== 'function')
    throw new ConfigError('venue.unknown', `This version of ccxt has no ${family}.${ccxtId}; install ccxt 4.5.84.`);
  return Reflect.construct(made, [
    {
      ...options.credentials,
      timeout: options.timeoutMs ?? 10_000,
      enableRateLimit: options.budget !== undefined || (options.rateLimit ?? options.openSocket === undefined),
      newUpdates: true,
    },
  ]);
}

function clientOf(ccxt: Ccxt, exchange: Exchange, options: CcxtClientOptions, closing: AbortController): CcxtClient {
  const { venue, clock } = options;
  const guarded = guardExchange(exchange, options);
  const sockets = exchangeSockets(ccxt, exchange);
  const secrets = Object.values(options.credentials ?? {});
  const logger = options.logger ?? silentLogger;
  const requests = new AccountRequests(exchange, options, closing.signal);
  const attempt = async <Answer>(run: () => Promise<Answer>): Promise<Answer> => {
    if (closing.signal.aborted) throw new ConfigError('venue.closed', `The client of ${venue} is closed.`);
    try {
      return await run();
    } catch (error) {
      throw venueFailure(ccxt, venue, error, secrets);
    }
  };
  // Subscriptions are made one after the other, so that what ccxt sends can be told to belong to whom.
  let turn: Promise<void> = Promise.resolve();
  return {
    venue,
    exchange: guarded,
    sockets,
    ask: (question) => attempt(() => question(guarded)),
    askEndpoint: (name, params) =>
      attempt(() => {
        guardExchange.requirePublicEndpoint(venue, name);
        return callEndpoint(exchange, name, params);
      }),
    watch: (question, sent) =>
      attempt(async () => {
        const before = turn;
        let done = (): void => {};
        turn = new Promise((resolve) => {
          done = resolve;
        });
        await before;
        let watching: Promise<unknown>;
        try {
          watching = sockets.during(
            (subscription: SentSubscription) => {
              sent(subscription);
              done();
            },
            () => question(guarded),
          );
          // A call that fails before it subscribes gives the turn on, too.
          watching.then(done, done);
        } catch (error) {
          done();
          throw error;
        }
        await watching;
      }),
    readAccount: (request) => attempt(() => requests.read(request)),
    act: (request) => attempt(() => requests.act(request)),
    measureSkew: () =>
      attempt(async () => {
        const askedAtMs = clock.nowMs();
        const venueMs = await exchange.fetchTime();
        const measuredAtMs = clock.nowMs();
        if (venueMs === undefined || !Number.isFinite(venueMs)) throw new ccxt.NotSupported(`${venue} tells no time`);
        const uncertaintyMs = (measuredAtMs - askedAtMs) / 2;
        return { skewMs: venueMs - (askedAtMs + uncertaintyMs), uncertaintyMs, measuredAtMs };
      }),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(new Error('closed'));
      try {
        sockets.dropAll();
        await destroyPool(exchange);
      } catch (error) {
        logger.warn({ venue, error: error instanceof Error ? error.name : 'unknown' }, 'A venue client closed badly.');
      }
    },
  };
}

/** Lets go of the kept-alive connections. */
async function destroyPool(exchange: Exchange): Promise<void> {
  const pool: unknown = Reflect.get(exchange, 'fetchDispatcher');
  const destroy: unknown = Reflect.get(Object(pool), 'destroy');
  if (typeof destroy === 'function') await Reflect.apply(destroy, pool, []);
}
