import {
  type Candle,
  type Clock,
  ConfigError,
  type FeedChannel,
  type FeedSubscription,
  type FeedUpdate,
  type FundingRate,
  type Health,
  type Instrument,
  type InstrumentId,
  type Logger,
  type MarketFeed,
  type Random,
  type Release,
  type SeriesRange,
  type StreamStatus,
  SystemRandom,
  silentLogger,
  type Unsubscribe,
  ValidationError,
  type VenueBudget,
  VenueError,
} from '@perpdesk/core';
import { type CcxtClient, type ClockSkew, openCcxtClient } from '@perpdesk/core/ccxt';
import { FeedSink, type FeedSinkOptions } from './feed-sink.ts';
import { FeedStream } from './feed-stream.ts';
import { defaultTiming, type FeedTiming } from './feed-timing.ts';
import { type CatalogMarket, MarketCatalog } from './market-catalog.ts';
import { ReconnectGate } from './reconnect-gate.ts';
import { Refusals } from './refusals.ts';
import type { FrameReader, VenueFeed } from './venue-feed.ts';
import { type FeedVenue, venueFeeds } from './venue-feeds.ts';
import { VenueRequests } from './venue-requests.ts';

/** Options of {@link CcxtFeed}. */
export interface CcxtFeedOptions {
  readonly venue: FeedVenue;
  readonly clock: Clock;
  /** Chance for the pauses between connections. Default: the machine's. */
  readonly random?: Random;
  readonly logger?: Logger;
  /** Where requests take their turn. Without it ccxt's own limiter spaces them. */
  readonly budget?: VenueBudget;
  /** Other origins for the venue's addresses, such as a local server; see CcxtClientOptions.endpoints. */
  readonly endpoints?: { readonly http?: string; readonly ws?: string };
  /** Keys, where a venue wants them for public data: Coinbase International's socket. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** False switches ccxt's own limiter off. Default true. */
  readonly rateLimit?: boolean;
  /** How long an answer may take, ms. Default 10,000. */
  readonly timeoutMs?: number;
  readonly timing?: Partial<FeedTiming>;
  /** Laid over ccxt's options. */
  readonly ccxtOptions?: Readonly<Record<string, unknown>>;
}

/** What a feed has taken and refused since its start. */
export interface FeedCounts {
  readonly accepted: number;
  readonly refused: number;
  /** Refusals that were written to the log. */
  readonly sampled: number;
  readonly refusedByReason: Readonly<Record<string, number>>;
  /** Perpetuals of the venue's listing that could not be described. */
  readonly unusableMarkets: number;
}

/** From this share of bad payloads within a minute on the feed is not to be relied on. */
const badShare = 0.1;
const fewestForShare = 10;
/** A venue's clock further off than this is told, ms. */
const tolerableSkewMs = 500;
const askAgainMs = 60_000;

/**
 * Live market data of a venue through ccxt: ccxt connects, subscribes and answers pings; every frame is read and checked here,
 * so that nothing is lost in its caches and each bad payload is counted.
 *
 * @example
 * const feed = new CcxtFeed({ venue: 'binance', clock: new SystemClock() });
 * await feed.start();
 * const leave = feed.watch({ instrumentIds: ['BTC-PERP@binance'], channels: ['trades', 'book'] }, (update) => {});
 */
export class CcxtFeed implements MarketFeed {
  readonly name: string;
  readonly venue: FeedVenue;
  readonly channels: ReadonlySet<FeedChannel>;
  readonly #options: CcxtFeedOptions;
  readonly #spec: VenueFeed;
  readonly #read: FrameReader;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timing: FeedTiming;
  readonly #catalog = new MarketCatalog();
  readonly #refusals: Refusals;
  readonly #gate: ReconnectGate;
  /** For frames of sockets, one at a time. */
  readonly #sink: FeedSink;
  /** For answers to requests, which may come between. */
  readonly #answers: FeedSink;
  readonly #streams = new Map<string, FeedStream>();
  /** Watched before the markets were known. */
  readonly #early: { readonly subscription: FeedSubscription; readonly listener: (update: FeedUpdate) => void }[] = [];
  #client: CcxtClient | undefined;
  #tick: Release | undefined;
  #skew: ClockSkew | undefined;
  #skewAskedAtMs = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #accepted = 0;
  #intervalsKnown = false;
  #intervalsAskedAtMs = Number.NEGATIVE_INFINITY;
  #window = { startedAtMs: 0, accepted: 0, refused: 0, bad: false };

  constructor(options: CcxtFeedOptions) {
    this.#options = options;
    this.venue = options.venue;
    this.name = `feed.${options.venue}`;
    this.#spec = venueFeeds[options.venue];
    this.#read = this.#spec.reader();
    this.#clock = options.clock;
    this.#logger = (options.logger ?? silentLogger).child({ venue: options.venue });
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#refusals = new Refusals({ logger: this.#logger });
    this.#gate = new ReconnectGate({
      clock: options.clock,
      random: options.random ?? new SystemRandom(),
      timing: this.#timing,
    });
    const keyed = !this.#spec.socketNeedsKeys || options.credentials !== undefined;
    this.channels = new Set([
      ...(keyed ? (Object.keys(this.#spec.watches) as FeedChannel[]) : []),
      ...(Object.keys(this.#spec.polls) as FeedChannel[]),
    ]);
    const edge: FeedSinkOptions = {
      clock: options.clock,
      catalog: this.#catalog,
      refusals: this.#refusals,
      needs: this.#spec.needs ?? {},
      stream: (id, channel) => this.#streams.get(keyOf(id, channel)),
      unreadable: (url) => {
        for (const stream of this.#streams.values()) if (stream.usesSocket(url)) stream.refused(false);
      },
      taken: () => {
        this.#accepted += 1;
      },
    };
    this.#sink = new FeedSink(edge);
    this.#answers = new FeedSink(edge);
  }

  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#client !== undefined)
      throw new ConfigError('feed.started', `The feed of ${this.venue} was started already.`);
    const { endpoints, budget, credentials, rateLimit, timeoutMs, ccxtOptions } = this.#options;
    this.#client = await openCcxtClient({
      venue: this.venue,
      clock: this.#clock,
      logger: this.#logger,
      ...(endpoints && { endpoints }),
      ...(budget && { budget }),
      ...(credentials && { credentials }),
      ...(rateLimit !== undefined && { rateLimit }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ccxtOptions: { tradesLimit: 1, OHLCVLimit: 1, ordersLimit: 1, ...this.#spec.ccxtOptions, ...ccxtOptions },
      onFrame: (frame, url) => this.#onFrame(frame, url),
    });
    options.signal?.throwIfAborted();
    await this.#loadMarkets(options);
    this.#tick = this.#clock.setTimer(this.#timing.tickMs, () => this.#onTick());
    this.#measureSkew();
    for (const { subscription, listener } of this.#early.splice(0)) this.#subscribe(subscription, listener);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#tick?.();
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    this.#early.length = 0;
    const stopping = streams.map((stream) => stream.stop());
    await this.#client?.close();
    await Promise.all(stopping);
  }

  health(): Health {
    if (this.#stopped || this.#client === undefined) return { status: 'stopped' };
    const states = this.streams();
    const { skewMs, uncertaintyMs } = this.#skew ?? { skewMs: 0, uncertaintyMs: 0 };
    const offMs = Math.abs(skewMs) - uncertaintyMs;
    if (this.#window.bad) return { status: 'failed', detail: `${this.venue} sends too much that can not be read.` };
    const down = states.filter(({ status }) => status === 'down');
    if (down.length > 0 && down.length === states.length)
      return { status: 'failed', detail: `${this.venue} can not be reached.` };
    const ailing = states.filter(({ status }) => status === 'down' || status === 'stale');
    if (ailing.length > 0)
      return { status: 'degraded', detail: `${ailing.length} of ${states.length} streams are down or stale.` };
    if (offMs > tolerableSkewMs)
      return { status: 'degraded', detail: `The clock of ${this.venue} is ${Math.round(skewMs)} ms off ours.` };
    if (!this.#intervalsKnown)
      return { status: 'degraded', detail: `The funding intervals of ${this.venue} are not known yet.` };
    const waiting = states.filter(({ status }) => status === 'connecting').length;
    return waiting === 0
      ? { status: 'healthy' }
      : { status: 'degraded', detail: `${waiting} of ${states.length} streams are connecting.` };
  }

  /** How far the venue's clock is before ours; undefined until it was asked. */
  get skew(): ClockSkew | undefined {
    return this.#skew;
  }

  counts(): FeedCounts {
    return {
      accepted: this.#accepted,
      refused: this.#refusals.total,
      sampled: this.#refusals.sampled,
      refusedByReason: this.#refusals.byReason(),
      unusableMarkets: this.#catalog.unusable,
    };
  }

  streams(): readonly StreamStatus[] {
    return [...this.#streams.values()].map((stream) => stream.status());
  }

  async fetchInstruments(options: { readonly signal?: AbortSignal } = {}): Promise<readonly Instrument[]> {
    this.#running();
    if (this.#catalog.instruments().length === 0) await this.#loadMarkets(options);
    return this.#catalog.instruments();
  }

  async fetchCandles(range: SeriesRange, options: { readonly signal?: AbortSignal } = {}): Promise<readonly Candle[]> {
    return this.#requests().candles(this.#market(range.instrumentId), range, options);
  }

  async fetchFunding(
    range: { readonly instrumentId: InstrumentId; readonly fromMs: number; readonly toMs: number },
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly FundingRate[]> {
    return this.#requests().funding(this.#market(range.instrumentId), range, options);
  }

  watch(subscription: FeedSubscription, listener: (update: FeedUpdate) => void): Unsubscribe {
    const told = (update: FeedUpdate): void => listener(update);
    if (this.#stopped) throw new VenueError('feed.stopped', `The feed of ${this.venue} is stopped.`);
    if (this.#client === undefined || this.#catalog.instruments().length === 0) {
      const early = { subscription, listener: told };
      this.#early.push(early);
      return () => {
        const at = this.#early.indexOf(early);
        if (at >= 0) this.#early.splice(at, 1);
        this.#leave(subscription, told);
      };
    }
    this.#subscribe(subscription, told);
    return () => this.#leave(subscription, told);
  }

  #subscribe(subscription: FeedSubscription, listener: (update: FeedUpdate) => void): void {
    const markets = subscription.instrumentIds.map((id) => this.#market(id));
    for (const market of markets) {
      // What a channel is put together from is watched with it, by nobody in particular.
      const needed = subscription.channels.flatMap((channel) => this.#spec.needs?.[channel] ?? []);
      for (const channel of new Set(needed)) this.#join(market, channel, unheard);
      for (const channel of new Set(subscription.channels)) {
        if (this.channels.has(channel)) this.#join(market, channel, listener);
      }
    }
  }

  #join(market: CatalogMarket, channel: FeedChannel, listener: (update: FeedUpdate) => void): void {
    const key = keyOf(market.instrument.id, channel);
    const known = this.#streams.get(key);
    if (known !== undefined) return known.add(listener);
    const stream = new FeedStream(this.#context(), market, channel);
    this.#streams.set(key, stream);
    stream.add(listener);
    stream.start();
  }

  #leave(subscription: FeedSubscription, listener: (update: FeedUpdate) => void): void {
    for (const id of subscription.instrumentIds) {
      for (const channel of subscription.channels) {
        const key = keyOf(id, channel);
        const stream = this.#streams.get(key);
        if (stream === undefined) continue;
        stream.remove(listener);
        this.#endUnheard(stream, key);
      }
      for (const needed of Object.values(this.#spec.needs ?? {}).flat()) this.#releaseNeed(id, needed);
    }
  }

  /** Lets go of what was watched for another channel once nobody watches that. */
  #releaseNeed(id: InstrumentId, needed: FeedChannel): void {
    const key = keyOf(id, needed);
    const stream = this.#streams.get(key);
    const stillNeeded = Object.entries(this.#spec.needs ?? {}).some(
      ([channel, needs]) => needs.includes(needed) && this.#streams.has(keyOf(id, channel as FeedChannel)),
    );
    if (stream === undefined || stillNeeded) return;
    stream.remove(unheard);
    this.#endUnheard(stream, key);
  }

  #endUnheard(stream: FeedStream, key: string): void {
    if (stream.watched) return;
    this.#streams.delete(key);
    void stream.stop();
  }

  #context(): ConstructorParameters<typeof FeedStream>[0] {
    const client = this.#running();
    return {
      venue: this.#spec,
      clock: this.#clock,
      logger: this.#logger,
      client,
      gate: this.#gate,
      timing: this.#timing,
      requests: this.#requests(),
      venueNowMs: () => this.#venueNowMs(),
      poll: async (channel, market) => {
        const call = this.#spec.polls[channel];
        await call?.ask(client, [market], this.#answers);
      },
      isShared: (sent, mine) =>
        [...this.#streams.values()].some((stream) => stream !== mine && stream.usesSubscription(sent)),
    };
  }

  #requests(): VenueRequests {
    return new VenueRequests({
      venue: this.#spec,
      client: this.#running(),
      clock: this.#clock,
      sink: this.#answers,
      venueNowMs: () => this.#venueNowMs(),
    });
  }

  #onFrame(frame: unknown, url: string): boolean {
    if (this.#stopped) return true;
    this.#sink.begin(frame, url);
    // What looks like JSON and came as text is none.
    if (typeof frame === 'string' && /^\s*[[{]/.test(frame)) {
      this.#sink.refuse('frame.unreadable');
      return true;
    }
    try {
      return this.#read(frame, this.#sink);
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, 'A reader failed.');
      this.#sink.refuse('frame.reader');
      return true;
    }
  }

  #onTick(): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.nowMs();
    for (const stream of [...this.#streams.values()]) stream.tick(nowMs);
    this.#weigh(nowMs);
    if (!this.#intervalsKnown && this.#client !== undefined && nowMs - this.#intervalsAskedAtMs >= askAgainMs)
      void this.#learnIntervals(this.#client);
    if (nowMs - this.#skewAskedAtMs >= this.#timing.skewEveryMs) this.#measureSkew();
    this.#tick = this.#clock.setTimer(this.#timing.tickMs, () => this.#onTick());
  }

  /** Compares what was refused with what was taken, minute by minute. */
  #weigh(nowMs: number): void {
    if (nowMs - this.#window.startedAtMs < 60_000) return;
    const accepted = this.#accepted - this.#window.accepted;
    const refused = this.#refusals.total - this.#window.refused;
    const bad = refused >= fewestForShare && refused / (accepted + refused) >= badShare;
    this.#window = { startedAtMs: nowMs, accepted: this.#accepted, refused: this.#refusals.total, bad };
  }

  #measureSkew(): void {
    this.#skewAskedAtMs = this.#clock.nowMs();
    this.#client?.measureSkew().then(
      (skew) => {
        this.#skew = skew;
      },
      () => {},
    );
  }

  #venueNowMs(): number {
    return this.#clock.nowMs() + (this.#skew?.skewMs ?? 0);
  }

  async #loadMarkets(options: { readonly signal?: AbortSignal }): Promise<void> {
    const client = this.#running();
    const listing = await client.ask((exchange) => exchange.loadMarkets());
    options.signal?.throwIfAborted();
    this.#catalog.load(this.#spec, listing);
    await this.#learnIntervals(client);
  }

  /** Until it is known how far settlements are apart, rates per interval are not to be relied on: health says so. */
  async #learnIntervals(client: CcxtClient): Promise<void> {
    this.#intervalsAskedAtMs = this.#clock.nowMs();
    try {
      const intervals = await this.#spec.fetchFundingIntervals?.(client);
      if (intervals !== undefined) this.#catalog.setFundingIntervals(intervals);
      this.#intervalsKnown = true;
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, 'Funding intervals could not be fetched.');
    }
  }

  #running(): CcxtClient {
    if (this.#client !== undefined && !this.#stopped) return this.#client;
    throw new VenueError('feed.stopped', `The feed of ${this.venue} is not running; start it first.`);
  }

  #market(id: InstrumentId): CatalogMarket {
    const market = this.#catalog.get(id);
    if (market !== undefined) return market;
    throw new ValidationError('instrument.unlisted', `${this.venue} lists no ${id}.`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');
const unheard = (): void => {};
const keyOf = (id: InstrumentId, channel: FeedChannel): string => `${id} ${channel}`;
