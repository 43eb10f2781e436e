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

/** How long an act waits for the answer to the one before, where the venue counts them, ms. */
const longestTurnMs = 1_000;

/**
 * Sends what ccxt signs and gives back what came as it came: ccxt's own reading throws away which orders of a batch were
 * taken and makes no difference between a refusal and an answer that can not be read. Nothing is ever sent twice.
 */
export class AccountRequests {
  readonly #exchange: Exchange;
  readonly #options: CcxtClientOptions;
  readonly #closing: AbortSignal;
  readonly #transport: HttpTransport;
  #preparing: Promise<unknown> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

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
    const { venue, orders } = this.#options;
    if (!orders || !isAccountRequest(venue, 'acts', request)) throw refused(venue, request);
    await this.#prepared();
    const asked = ccxtVenueProfiles[venue].numberOfNext?.(this.#exchange);
    if (asked === undefined) return this.#act(request);
    const before = this.#turn;
    const answer = this.#within(before).then(() => this.#actCounted(request, { ...request, ...asked }));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #act(request: AccountRequest): Promise<AccountAnswer> {
    const { venue, onRequest } = this.#options;
    const signed = await this.#signed(request);
    onRequest?.(signed);
    countAct(venue, `${request.method} ${request.path}`);
    return this.#send(request, signed);
  }

  /** Asks for the number each time: an act that was refused has used none up, one whose answer never came may have. */
  async #actCounted(request: AccountRequest, asked: AccountRequest): Promise<AccountAnswer> {
    const { text } = await this.#send(asked, await this.#signed(asked));
    const nonce = /"nonce"\s*:\s*(\d{1,15})\b/.exec(text)?.[1];
    if (nonce === undefined)
      throw new VenueError('venue.unreachable', `${this.#options.venue} did not tell the next nonce.`, {
        retryable: true,
      });
    return this.#act({ ...request, params: { ...request.params, nonce: Number(nonce) } });
  }

  /** The one before is waited for, but not as long as it may hang: of two with one number the venue takes one. */
  async #within(before: Promise<unknown>): Promise<void> {
    let cancelTimer = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancelTimer = this.#options.clock.setTimer(longestTurnMs, resolve);
    });
    await Promise.race([before, late]);
    cancelTimer();
  }

  async #prepared(): Promise<void> {
    const { prepare } = ccxtVenueProfiles[this.#options.venue];
    if (prepare === undefined) return;
    this.#preparing ??= prepare(this.#exchange);
    await this.#preparing.catch((error: unknown) => {
      this.#preparing = undefined;
      throw error;
    });
  }

  /** Takes its turn, then signs: what is signed is as of when it leaves. */
  async #signed(request: AccountRequest): Promise<SignedRequest> {
    const { venue, budget } = this.#options;
    const { sign = signPlainly } = ccxtVenueProfiles[venue];
    await this.#prepared();
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
