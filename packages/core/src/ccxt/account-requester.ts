import type { Exchange } from 'ccxt';
import { ConfigError } from '../errors/config-error.ts';
import { VenueError } from '../errors/venue-error.ts';
import {
  type AccountAnswer,
  type AccountRequest,
  countAct,
  type HttpTransport,
  isAccountRequest,
  type SignedRequest,
} from './account-requests.ts';
import { ccxtVenueProfiles } from './ccxt-venues.ts';
import { allowedHosts } from './harden-exchange.ts';
import type { CcxtClientOptions } from './open-ccxt-client.ts';
import { requireAllowedHost, requireUnattributed } from './outbound-guard.ts';
import { signPlainly } from './sign-request.ts';

/**
 * Sends what ccxt signs and gives back what came as it came: ccxt's own reading throws away which orders of a batch were
 * taken and makes no difference between a refusal and an answer that can not be read. Nothing is ever sent twice.
 */
export class AccountRequests {
  readonly #exchange: Exchange;
  readonly #options: CcxtClientOptions;
  readonly #closing: AbortSignal;
  readonly #transport: HttpTransport;
  #preparing: Promise<void> | undefined;

  constructor(exchange: Exchange, options: CcxtClientOptions, closing: AbortSignal) {
    this.#exchange = exchange;
    this.#options = options;
    this.#closing = closing;
    this.#transport = options.transport ?? fetchOnce;
  }

  async read(request: AccountRequest): Promise<AccountAnswer> {
    const { venue, credentials } = this.#options;
    if (credentials === undefined || !isAccountRequest(venue, 'reads', request)) throw refused(venue, request);
    return this.#send(request, await this.#signed(request));
  }

  async act(request: AccountRequest): Promise<AccountAnswer> {
    const { venue, orders, onRequest } = this.#options;
    if (!orders || !isAccountRequest(venue, 'acts', request)) throw refused(venue, request);
    const signed = await this.#signed(request);
    onRequest?.(signed);
    countAct(venue, `${request.method} ${request.path}`);
    return this.#send(request, signed);
  }

  /** Takes its turn, then signs: what is signed is as of when it leaves. */
  async #signed(request: AccountRequest): Promise<SignedRequest> {
    const { venue, budget } = this.#options;
    const { prepare, sign = signPlainly } = ccxtVenueProfiles[venue];
    if (prepare !== undefined) {
      this.#preparing ??= prepare(this.#exchange);
      await this.#preparing.catch((error: unknown) => {
        this.#preparing = undefined;
        throw error;
      });
    }
    const signal = request.signal === undefined ? this.#closing : AbortSignal.any([this.#closing, request.signal]);
    await budget?.acquire(request.lane, request.weight ?? 1, { signal });
    if (signal.aborted) throw new VenueError('venue.unreachable', 'The request was given up before it was sent.');
    const signed = sign(this.#exchange, request);
    requireAllowedHost(venue, signed.url, allowedHosts(this.#options));
    requireUnattributed(venue, signed);
    return signed;
  }

  async #send({ signal }: AccountRequest, signed: SignedRequest): Promise<AccountAnswer> {
    const { venue, clock, timeoutMs = 10_000 } = this.#options;
    const late = new AbortController();
    const cancelTimer = clock.setTimer(timeoutMs, () => late.abort(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      const signals = [this.#closing, late.signal, ...(signal === undefined ? [] : [signal])];
      return await this.#transport(signed, AbortSignal.any(signals));
    } catch (error) {
      const said = error instanceof Error ? error.name : 'an unknown failure';
      const reason = late.signal.aborted ? `no answer within ${timeoutMs} ms` : said;
      throw new VenueError('venue.unreachable', `${venue} did not answer: ${reason}.`, { retryable: true });
    } finally {
      cancelTimer();
    }
  }
}

const refused = (venue: string, { method, api, path }: AccountRequest): ConfigError =>
  new ConfigError('venue.method-refused', `"${method} ${api} ${path}" of ${venue} may not be called by this client.`);

const fetchOnce: HttpTransport = async ({ url, method, headers, body }, signal) => {
  const bodyless = method === 'GET' || (method === 'DELETE' && body === '');
  const answer = await fetch(url, { method, headers, signal, redirect: 'error', ...(bodyless ? {} : { body }) });
  return { status: answer.status, text: await answer.text() };
};
