import {
  type Clock,
  type Health,
  type Logger,
  type PredictionContract,
  type PredictionHistory,
  type PredictionQuote,
  type PredictionSource,
  type PredictionUpdate,
  type QuoteDrift,
  quoteDrift,
  type Reading,
  type Service,
  type StreamStatus,
  silentLogger,
  type Unsubscribe,
} from '@perpdesk/core';
import { MinuteSampler } from '../player/minute-sampler.ts';
import { type MarketDataStore, type StoreBatching, StoreWriter } from '../player/store-writer.ts';
import { Ring } from '../state/ring.ts';

/** Options of {@link PredictionWatch}. */
export interface PredictionWatchOptions {
  readonly clock: Clock;
  /** One per venue. They are closed by whoever made them. */
  readonly sources: readonly PredictionSource[];
  /** Where the first quote of each minute is kept. Default: nowhere. */
  readonly store?: MarketDataStore;
  readonly batching?: StoreBatching;
  /** Where contracts are kept as they were resolved. Default: nowhere. */
  readonly history?: Pick<PredictionHistory, 'record'>;
  /** Contracts watched at once. Default 200. */
  readonly mostWatched?: number;
  /** Quotes kept in memory of each contract, one a minute. Default 1,500: a day and an hour. */
  readonly keptQuotes?: number;
  /** Unique in a desk. Default `prediction-watch`. */
  readonly name?: string;
  readonly logger?: Logger;
}

interface Watched {
  readonly unwatch: Unsubscribe;
  /** The first of each minute, oldest first. */
  readonly minutes: Ring<PredictionQuote>;
  newest: PredictionQuote | undefined;
  status: StreamStatus['status'];
}

/**
 * Watches contracts of prediction markets: holds what their quotes say of drift, and keeps the first quote of each minute in
 * the store. A contract that is resolved is let go of; what is stored of it stays.
 *
 * @example
 * const watch = new PredictionWatch({ clock, sources: [polymarket], store });
 * const scan = new DiscoveryScan({ clock, sources: [polymarket], found: (contract) => watch.watch(contract) });
 * watch.drift('polymarket:0x1234…')?.value.mid; // 0.42
 */
export class PredictionWatch implements Service {
  readonly name: string;
  readonly #options: PredictionWatchOptions;
  readonly #sources: ReadonlyMap<PredictionContract['venue'], PredictionSource>;
  readonly #writer: StoreWriter | undefined;
  readonly #sampler = new MinuteSampler();
  readonly #logger: Logger;
  readonly #watched = new Map<string, Watched>();
  readonly #recording = new Set<Promise<void>>();
  #unrecorded: string | undefined;
  #started = false;
  #passedOver = 0;

  constructor(options: PredictionWatchOptions) {
    const { clock, sources, store, batching, logger = silentLogger } = options;
    this.name = options.name ?? 'prediction-watch';
    this.#options = options;
    this.#sources = new Map(sources.map((source) => [source.venue, source]));
    this.#writer = store && new StoreWriter({ store, clock, logger, ...batching });
    this.#logger = logger;
  }

  async start(): Promise<void> {
    this.#started = true;
  }

  /** Watches no longer, and writes what waits for the store. */
  async stop(): Promise<void> {
    this.#started = false;
    for (const contractId of [...this.#watched.keys()]) this.unwatch(contractId);
    await Promise.all(this.#recording);
    await this.#writer?.close();
  }

  health(): Health {
    if (!this.#started) return { status: 'stopped' };
    const all = [...this.#watched.values()];
    const silent = all.filter(({ status }) => status === 'stale' || status === 'down').length;
    const over = this.#passedOver === 0 ? '' : `, ${this.#passedOver} passed over`;
    const detail = `${all.length} contracts${over}`;
    const failure = this.#writer?.failure();
    const faults = [
      ...(silent === 0 ? [] : [`${silent} say nothing`]),
      ...(failure === undefined ? [] : [`not stored: ${failure}`]),
      ...(this.#unrecorded === undefined ? [] : [`an outcome was not kept: ${this.#unrecorded}`]),
    ];
    return faults.length === 0
      ? { status: 'healthy', detail }
      : { status: 'degraded', detail: [detail, ...faults].join('; ') };
  }

  /**
   * Watches a contract from now on. False when that is not done: it is resolved or of a venue without a source, as many as may be
   * are watched already, or the service does not run.
   */
  watch(contract: PredictionContract): boolean {
    const { mostWatched = 200, keptQuotes = 1_500 } = this.#options;
    if (this.#watched.has(contract.id)) return true;
    const source = this.#sources.get(contract.venue);
    if (!this.#started || source === undefined || contract.resolution !== undefined) return false;
    if (this.#watched.size >= mostWatched) {
      if (this.#passedOver === 0) this.#logger.warn({ mostWatched }, 'no more prediction contracts can be watched');
      this.#passedOver += 1;
      return false;
    }
    const watched: Watched = {
      unwatch: source.watch([contract], (update) => this.#take(contract.id, update)),
      minutes: new Ring(keptQuotes),
      newest: undefined,
      status: 'connecting',
    };
    this.#watched.set(contract.id, watched);
    return true;
  }

  /** Watches a contract no longer and forgets its quotes. */
  unwatch(contractId: string): void {
    const watched = this.#watched.get(contractId);
    this.#watched.delete(contractId);
    this.#sampler.forget(contractId);
    watched?.unwatch();
  }

  /** The contracts watched, in the order they were begun. */
  watched(): readonly string[] {
    return [...this.#watched.keys()];
  }

  /** The quotes held of a contract, oldest first: the first of each minute, and the newest. */
  quotes(contractId: string): readonly PredictionQuote[] {
    const watched = this.#watched.get(contractId);
    if (watched === undefined) return [];
    const { minutes, newest } = watched;
    const all = minutes.last(minutes.length);
    return newest === undefined || newest === all.at(-1) ? all : [...all, newest];
  }

  /**
   * What the quotes held say of drift by now, and how good it is: stale while the contract's stream is silent or away. Undefined
   * without a quote of both sides.
   */
  drift(contractId: string, windowsMs?: readonly number[]): Reading<QuoteDrift> | undefined {
    const watched = this.#watched.get(contractId);
    const nowMs = this.#options.clock.nowMs();
    const value = quoteDrift(this.quotes(contractId), nowMs, windowsMs);
    if (watched?.newest === undefined || value === undefined) return undefined;
    const atMs = Math.min(watched.newest.receivedAtMs, nowMs);
    return watched.status === 'live'
      ? { quality: 'fresh', value, atMs }
      : { quality: 'stale', value, atMs, ageMs: nowMs - atMs };
  }

  #take(contractId: string, update: PredictionUpdate): void {
    const watched = this.#watched.get(contractId);
    if (watched === undefined) return;
    switch (update.kind) {
      case 'quote':
        watched.newest = update.quote;
        if (!this.#sampler.isFirst(contractId, update.quote.exchangeAtMs)) break;
        watched.minutes.push(update.quote);
        this.#writer?.add('prediction', update.quote);
        break;
      case 'status':
        watched.status = update.status;
        break;
      case 'resolved':
        this.unwatch(contractId);
        this.#record(update.contract);
        break;
      case 'trade':
      case 'gap':
        break;
    }
  }

  /** Keeps an outcome, once the quotes before it are in the store. */
  #record(contract: PredictionContract): void {
    const { history, clock } = this.#options;
    if (history === undefined) return;
    const release = clock.hold();
    const keep = async (): Promise<void> => {
      try {
        await this.#writer?.flush();
        await history.record(contract);
        this.#unrecorded = undefined;
      } catch (error) {
        this.#unrecorded = error instanceof Error ? error.message : String(error);
        this.#logger.error({ contractId: contract.id, error }, 'the outcome of a prediction contract was not kept');
      }
    };
    const recording: Promise<void> = keep().finally(() => {
      this.#recording.delete(recording);
      release();
    });
    this.#recording.add(recording);
  }
}
