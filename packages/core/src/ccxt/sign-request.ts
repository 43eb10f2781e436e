import type { Exchange } from 'ccxt';
import { ConfigError } from '../errors/config-error.ts';
import { VenueError } from '../errors/venue-error.ts';
import type { AccountRequest, SignedRequest } from './account-requests.ts';

/** The longest receive window that Binance and Bybit take, ms. */
const longestWindowMs = 60_000;

/** Signs as ccxt does. */
export function signPlainly(exchange: Exchange, { path, api, method, params }: AccountRequest): SignedRequest {
  // ccxt adds to what it is given.
  const signed = exchange.sign(path, api, method, structuredClone(params));
  const own: unknown = Reflect.get(exchange, 'headers');
  return {
    url: String(signed.url),
    method: String(signed.method),
    headers: { ...Object(own), ...Object(signed.headers) },
    body: typeof signed.body === 'string' ? signed.body : '',
  };
}

/**
 * Signs with a receive window that ends at the expiry, reckoned at the moment of signing: the venue refuses what reaches it
 * later than that by its own clock.
 * @throws VenueError `venue.refused` when it has expired already
 */
export function signInTime(
  exchange: Exchange,
  request: AccountRequest,
  within: (params: Record<string, unknown>, windowMs: number) => Record<string, unknown>,
): SignedRequest {
  if (request.expiresAtMs === undefined) return signPlainly(exchange, request);
  // The timestamp that is signed is one that rises, and so may be a little ahead of the clock.
  const windowMs = requireTime(request.expiresAtMs, exchange.milliseconds() + 1);
  const before: unknown = exchange.options.recvWindow;
  try {
    const params = within({ ...request.params }, Math.min(windowMs, longestWindowMs));
    return signPlainly(exchange, { ...request, params });
  } finally {
    exchange.options.recvWindow = before;
  }
}

/** OKX takes an expiry as a header beside the signature, for orders and not for conditional ones. */
export function signOkx(exchange: Exchange, request: AccountRequest): SignedRequest {
  const signed = signPlainly(exchange, request);
  if (request.expiresAtMs === undefined) return signed;
  requireTime(request.expiresAtMs, exchange.milliseconds());
  return { ...signed, headers: { ...signed.headers, expTime: String(request.expiresAtMs) } };
}

/** What an account's client may sign on Hyperliquid: nothing that moves money, approves an agent or a builder. */
const actionTypes = ['order', 'batchModify', 'cancel', 'cancelByCloid', 'scheduleCancel', 'updateLeverage'];

/**
 * Signs an action of Hyperliquid with a nonce of its own and its expiry. Reads are sent as they are.
 * @throws ConfigError `venue.method-refused` for an action that is not on the list
 * @throws VenueError `venue.refused` when it has expired already
 */
export function signHyperliquidAction(exchange: Exchange, request: AccountRequest): SignedRequest {
  if (request.api === 'public') return signPlainly(exchange, request);
  const { action } = request.params as { readonly action?: { readonly type?: unknown } };
  if (!actionTypes.includes(String(action?.type)))
    throw new ConfigError('venue.method-refused', `The action "${action?.type}" may not be signed by this client.`);
  const nonce = exchange.milliseconds();
  const { expiresAtMs } = request;
  if (expiresAtMs !== undefined) requireTime(expiresAtMs, nonce);
  const sign: unknown = Reflect.get(exchange, 'signL1Action');
  if (typeof sign !== 'function') throw new ConfigError('venue.unknown', 'This version of ccxt signs no actions.');
  const signature: unknown = Reflect.apply(sign, exchange, [action, nonce, undefined, expiresAtMs]);
  const params = { action, nonce, signature, ...(expiresAtMs === undefined ? {} : { expiresAfter: expiresAtMs }) };
  return signPlainly(exchange, { ...request, params });
}

function requireTime(expiresAtMs: number, nowMs: number): number {
  const leftMs = expiresAtMs - nowMs;
  if (leftMs > 0) return leftMs;
  throw new VenueError('venue.refused', 'The authorisation ended before the order was signed; nothing was sent.');
}
