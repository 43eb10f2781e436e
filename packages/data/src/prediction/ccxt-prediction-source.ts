import {
  type Clock,
  foreignText,
  type Logger,
  type PredictionBook,
  type PredictionContract,
  type PredictionPage,
  type PredictionQuery,
  type PredictionSource,
  type PredictionTrade,
  type PredictionUpdate,
  type Random,
  SystemRandom,
  silentLogger,
  type Unsubscribe,
  ValidationError,
} from '@perpdesk/core';
import { type CcxtClient, type CcxtClientOptions, openCcxtClient } from '@perpdesk/core/ccxt';
import { Refusals } from '../feeds/refusals.ts';
import type { ContractStream } from './contract-stream.ts';
import { PolledContracts } from './polled-contracts.ts';
import { predictionReference } from './prediction-reference.ts';
import { defaultPredictionTiming, type PredictionTiming } from './prediction-timing.ts';
import type { PredictionDesk, PredictionVenue } from './prediction-venue.ts';
import { SocketContracts } from './socket-contracts.ts';

/** Options of a prediction market's source. */
export interface PredictionSourceOptions {
  readonly clock: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** Where each request takes its turn. Without it ccxt's own limiter spaces them. */
  readonly budget?: CcxtClientOptions['budget'];
  /** Other origins for all of the venue's addresses, such as a local server. */
  readonly endpoints?: CcxtClientOptions['endpoints'];
  readonly rateLimit?: boolean;
  readonly timing?: Partial<PredictionTiming>;
}

/**
 * What the sources of all prediction markets share: one hardened client, opened when it is first needed; references resolved to
 * one contract; streams by socket or by asking again and again; what can not be counted and sampled to the log.
 */
export class CcxtPredictionSource implements PredictionSource {
  readonly venue: PredictionContract['venue'];
  readonly #options: PredictionSourceOptions;
  readonly #shape: PredictionVenue;
  readonly #refusals: Refusals;
  readonly #stream: ContractStream;
  #opening: Promise<CcxtClient> | undefined;
  #closed = false;

  constructor(shape: PredictionVenue, options: PredictionSourceOptions) {
    this.venue = shape.venue;
    this.#shape = shape;
    this.#options = options;
    this.#refusals = new Refusals({ logger: options.logger ?? silentLogger });
    const stream = {
      clock: options.clock,
      random: options.random ?? new SystemRandom(),
      logger: options.logger ?? silentLogger,
      timing: { ...defaultPredictionTiming, ...options.timing },
      client: () => this.#client(),
      book: (contract: PredictionContract) => this.fetchBook(contract),
      trades: (contract: PredictionContract) => this.fetchTrades(contract, 100),
      renew: (contract: PredictionContract) => this.resolve(contract.id),
    };
    this.#stream = shape.readFrame === undefined ? new PolledContracts(stream) : new SocketContracts(stream);
  }

  /** Payloads refused since the beginning, by reason. */
  refused(): Readonly<Record<string, number>> {
    return this.#refusals.byReason();
  }

  async search(query: PredictionQuery, options: { readonly signal?: AbortSignal } = {}): Promise<PredictionPage> {
    const { limit = 50 } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > 100)
      throw new ValidationError('prediction.limit', `A page holds 1 to 100 contracts, not ${limit}.`);
    const page = await this.#ask(options, (desk) => this.#shape.search(desk, { ...query, limit }));
    const { closesFromMs = Number.NEGATIVE_INFINITY, closesBeforeMs = Number.POSITIVE_INFINITY, minVolume24h } = query;
    // Venues take some of the conditions as hints.
    const contracts = page.contracts.filter(
      ({ closesAtMs, volume24h = 0, open }) =>
        open !== false &&
        closesAtMs >= closesFromMs &&
        closesAtMs < closesBeforeMs &&
        (minVolume24h === undefined || volume24h >= minVolume24h),
    );
    return { ...page, contracts };
  }

  async resolve(reference: string, options: { readonly signal?: AbortSignal } = {}): Promise<PredictionContract> {
    const parsed = predictionReference(reference);
    const said = foreignText(reference, 100);
    if (parsed.venue !== this.venue)
      throw new ValidationError('prediction.reference', `"${said}" is of ${parsed.venue}, not of ${this.venue}.`);
    const found = await this.#ask(options, (desk) => this.#shape.find(desk, parsed));
    const [only, second] = found;
    if (only !== undefined && second === undefined) return only;
    if (only === undefined)
      throw new ValidationError('prediction.unknown', `${this.venue} has no contract that "${said}" means.`);
    // Of several answers to one question, one that is still open is what is meant.
    const open = found.filter((contract) => contract.open === true);
    if (open.length === 1 && open[0] !== undefined) return open[0];
    const names = (open.length > 0 ? open : found).slice(0, 8).map(({ slug }) => slug);
    throw new ValidationError(
      'prediction.ambiguous',
      `"${said}" means ${found.length} contracts of ${this.venue}; name one: ${names.join(', ')}${found.length > 8 ? ', …' : ''}.`,
    );
  }

  fetchBook(contract: PredictionContract, options: { readonly signal?: AbortSignal } = {}): Promise<PredictionBook> {
    return this.#ask(options, (desk) => this.#shape.book(desk, this.#own(contract)));
  }

  fetchTrades(
    contract: PredictionContract,
    limit: number,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PredictionTrade[]> {
    return this.#ask(options, (desk) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > 500)
        throw new ValidationError('prediction.limit', `1 to 500 trades can be asked for, not ${limit}.`);
      return this.#shape.trades(desk, this.#own(contract), limit);
    });
  }

  watch(contracts: readonly PredictionContract[], listener: (update: PredictionUpdate) => void): Unsubscribe {
    if (this.#closed) throw new ValidationError('prediction.closed', `The source of ${this.venue} is closed.`);
    const stops = contracts.map((contract) => this.#stream.watch(this.#own(contract), listener));
    return () => {
      for (const stop of stops) stop();
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#stream.close();
    const client = await this.#opening?.catch(() => undefined);
    await client?.close();
  }

  #client(): Promise<CcxtClient> {
    const { clock, logger, budget, endpoints, rateLimit } = this.#options;
    const readFrame = this.#shape.readFrame;
    this.#opening ??= openCcxtClient({
      venue: this.venue,
      clock,
      ...(logger === undefined ? {} : { logger }),
      ...(budget === undefined ? {} : { budget }),
      ...(endpoints === undefined ? {} : { endpoints }),
      ...(rateLimit === undefined ? {} : { rateLimit }),
      ...(readFrame === undefined
        ? {}
        : {
            onFrame: (frame, url) => {
              this.#stream.heard(url, readFrame({ refuse: this.#refuse }, frame));
              // ccxt needs no more than the answers to its pings: what is not checked does not reach it.
              return typeof frame !== 'string';
            },
          }),
    }).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #ask<Answer>(
    options: { readonly signal?: AbortSignal },
    question: (desk: PredictionDesk) => Promise<Answer>,
  ): Promise<Answer> {
    const { signal } = options;
    signal?.throwIfAborted();
    const client = await this.#client();
    const desk: PredictionDesk = { client, nowMs: () => this.#options.clock.nowMs(), refuse: this.#refuse };
    if (signal === undefined) return question(desk);
    // ccxt's requests can not be called off; what comes too late is let go of.
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    return Promise.race([question(desk), promise]).finally(() => signal.removeEventListener('abort', stop));
  }

  #own(contract: PredictionContract): PredictionContract {
    if (contract.venue === this.venue) return contract;
    throw new ValidationError('prediction.contract', `${contract.id} is of ${contract.venue}, not of ${this.venue}.`);
  }

  readonly #refuse = (reason: string, frame: unknown): void =>
    this.#refusals.add({ reason, frame }, this.#options.clock.nowMs());
}
