import type { Exchange } from 'ccxt';
import { ConfigError } from '../errors/config-error.ts';
import { ccxtVenueProfiles } from './ccxt-venues.ts';
import { injectSockets, injectTransport } from './inject-wires.ts';
import type { CcxtClientOptions } from './open-ccxt-client.ts';
import { requireAllowedHost, requireUnattributed } from './outbound-guard.ts';

/** Switches off what ccxt does unasked, and puts every request and socket behind the guards. */
export function hardenExchange(exchange: Exchange, options: CcxtClientOptions, closing: AbortSignal): void {
  const { venue, endpoints, budget, lane = 'read' } = options;
  const profile = ccxtVenueProfiles[venue];
  applyOptions(exchange, { ...options.ccxtOptions, maxRetriesOnFailure: 0 });
  applyOptions(exchange, profile.options);
  // ccxt's own pauses between connections; the feeds have theirs.
  applyOptions(exchange, { ws: { ...Object(exchange.options.ws), backoff: { base: 0 } } });
  Object.assign(exchange, { has: { ...exchange.has, fetchCurrencies: false } });
  profile.harden?.(exchange);

  if (options.network === 'testnet') toTestNetwork(exchange, options);
  const overridden = endpoints === undefined ? [] : Object.values(endpoints).map((url) => new URL(url).hostname);
  if (endpoints !== undefined) Object.assign(exchange.urls, { api: redirected(exchange.urls.api, endpoints) });
  const hosts = endpoints === undefined ? allowedHosts(options) : overridden;
  for (const url of endpoints === undefined ? [] : Object.values(endpoints)) requireAllowedHost(venue, url, hosts);

  const guard = (url: string): void => {
    if (closing.aborted) throw new ConfigError('venue.closed', `The client of ${venue} is closed.`);
    requireAllowedHost(venue, url, hosts);
  };
  const fetch = exchange.fetch.bind(exchange);
  exchange.fetch = async (url, method, headers, body) => {
    guard(String(url));
    requireUnattributed(venue, { url: String(url), headers, body });
    options.onRequest?.({
      url: String(url),
      method: String(method ?? 'GET'),
      headers: Object(headers),
      body: asText(body),
    });
    return fetch(url, method, headers, body).catch((error: unknown) => {
      if (error instanceof Error && tooMany.has(error.name)) budget?.refused?.();
      throw error;
    });
  };
  if (options.transport !== undefined) injectTransport(exchange, options.transport);
  const request = exchange.undiciRequest.bind(exchange);
  exchange.undiciRequest = (url, params) =>
    request(url, { ...params, signal: AbortSignal.any([closing, params.signal]) });
  const client = exchange.client.bind(exchange);
  exchange.client = (url) => {
    // ccxt keeps notes in clients that it never connects, under names that are no addresses.
    if (!/^\w+$/.test(String(url))) guard(String(url));
    return client(url);
  };
  if (options.openSocket !== undefined) injectSockets(exchange, options.openSocket);
  if (budget !== undefined) {
    exchange.throttle = (cost) => budget.acquire(lane, cost ?? 1, { signal: closing });
  }
  if (options.orders) Object.assign(exchange, { milliseconds: risingMs(options.clock) });
  // It would print to the console what it can not parse.
  exchange.log = () => {};
  if (options.onFrame !== undefined) tapFrames(exchange, options.onFrame);
}

/** ccxt's names of what a venue says to too many requests. */
const tooMany: ReadonlySet<string> = new Set(['RateLimitExceeded', 'DDoSProtection']);

/** Where a client may go: the venue's hosts, or those of its test net alone. */
export function allowedHosts({ venue, network, endpoints }: CcxtClientOptions): readonly string[] {
  if (endpoints !== undefined) return Object.values(endpoints).map((url) => new URL(url).hostname);
  const { hosts, testHosts } = ccxtVenueProfiles[venue];
  return network === 'testnet' ? (testHosts ?? []) : hosts;
}

function toTestNetwork(exchange: Exchange, { venue }: CcxtClientOptions): void {
  const { testHosts, toTestNetwork: turn } = ccxtVenueProfiles[venue];
  if (testHosts === undefined)
    throw new ConfigError('venue.testnet-none', `${venue} has no test net that is reached here.`);
  if (turn === undefined) exchange.setSandboxMode(true);
  else turn(exchange);
}

/** Nonces and timestamps by our clock, no two the same: a venue that takes them as nonces refuses a second one. */
function risingMs(clock: CcxtClientOptions['clock']): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.nowMs());
    return last;
  };
}

const asText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body ?? ''));

/** Lays options over an exchange's, one level deep; undefined takes one away. */
function applyOptions(exchange: Exchange, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    const known: unknown = exchange.options[name];
    const merged = isPlain(known) && isPlain(value) ? { ...known, ...value } : value;
    if (merged === undefined) delete exchange.options[name];
    else exchange.options[name] = merged;
  }
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function tapFrames(exchange: Exchange, onFrame: (frame: unknown, url: string) => boolean): void {
  // Who reads the frames keeps the books, too: ccxt's would fetch a whole one each time it subscribes.
  Object.assign(exchange, { handleOrderBookSubscription: () => {} });
  const handle = exchange.handleMessage.bind(exchange);
  exchange.handleMessage = (client, frame) => {
    if (!onFrame(frame, String(client.url))) handle(client, frame);
  };
}

/** A tree of addresses with their origins replaced, paths kept. */
function redirected(urls: unknown, endpoints: { readonly http?: string; readonly ws?: string }): unknown {
  if (typeof urls === 'string') {
    const origin = urls.startsWith('ws') ? endpoints.ws : endpoints.http;
    return origin === undefined ? urls : urls.replace(/^[a-z]+:\/\/[^/]+/, origin.replace(/\/$/, ''));
  }
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, value]) => [name, redirected(value, endpoints)]));
}
