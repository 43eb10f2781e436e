import {
  barOpenMs,
  type Candle,
  type Clock,
  ConfigError,
  type FeedChannel,
  type FundingRate,
  type Instrument,
  type InstrumentId,
  type Logger,
  type MarketFeed,
  type MarketId,
  type MarketObservation,
  type MarketSource,
  type MarketStep,
  type Release,
  silentLogger,
  type Timeframe,
  timeframeMs,
  type Unsubscribe,
} from '@perpdesk/core';
import { LiveBatch } from './live-batch.ts';

/** Options of {@link LiveSource}. */
export interface LiveSourceOptions {
  /** One per venue, the preferred first: its history is fetched first. They are started by whoever owns them. */
  readonly feeds: readonly MarketFeed[];
  readonly clock: Clock;
  /** Only these markets. Default: all that the venues list, which is hundreds each. */
  readonly markets?: readonly MarketId[];
  /** What is watched, where a venue has it. Default: all channels. */
  readonly channels?: readonly FeedChannel[];
  /** How long a venue may take to list its instruments; one that does not is left out. Default 3,000. */
  readonly answerWithinMs?: number;
  /** How long history may be fetched; series not there by then warm up as bars come. Default 20,000. */
  readonly historyWithinMs?: number;
  /** Bars of each higher timeframe to warm up on. Default 300. */
  readonly historyBars?: number;
  /** Distance of two steps. Default 100. */
  readonly stepMs?: number;
  /** Levels a side that books are told with. Default 20. */
  readonly bookDepth?: number;
  /** Trades and liquidations that may wait for a desk that is behind; more are given up, counted and logged. Default 200,000. */
  readonly maxWaiting?: number;
  readonly logger?: Logger;
}

const everyChannel: readonly FeedChannel[] = [
  'trades',
  'book',
  'candles',
  'ticker',
  'funding',
  'open-interest',
  'liquidations',
];
const dayMs = 86_400_000;
const warmTimeframes: readonly Timeframe[] = ['15m', '5m', '1h', '4h', '1d', '1m'];

/**
 * The markets as they are now, from one feed per venue: history first, then a step each tenth of a second with what was
 * said since. Bars are the venues' own, so that they agree with the venue's chart.
 *
 * @example
 * const source = new LiveSource({ feeds: [hyperliquid, binance], clock, markets: ['BTC-PERP'] });
 * for await (const { atMs, observations } of source.steps()) console.log(atMs, observations.length);
 */
export class LiveSource implements MarketSource {
  readonly name = 'live';
  readonly #options: LiveSourceOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #batch: LiveBatch;
  readonly #unsubscribes: Unsubscribe[] = [];
  #listed: Promise<ReadonlyMap<MarketFeed, readonly Instrument[]>> | undefined;
  #saidGivenUp = 0;

  constructor(options: LiveSourceOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#logger = options.logger ?? silentLogger;
    this.#batch = new LiveBatch({ bookDepth: options.bookDepth ?? 20, maxWaiting: options.maxWaiting ?? 200_000 });
  }

  /**
   * The instruments of the venues that answer in time.
   * @throws ConfigError `feeds.unreachable` when none does, `markets.unknown` when none lists a market asked for.
   */
  async instruments(options?: { readonly signal?: AbortSignal }): Promise<readonly Instrument[]> {
    const listed = await this.#list(options?.signal);
    return [...listed.values()].flat();
  }

  /** The venues that answered, in the order given. */
  async venues(): Promise<readonly string[]> {
    return [...(await this.#list()).keys()].map(({ venue }) => venue);
  }

  /** From here on nothing is missed: what is said while history is fetched waits for the first step. */
  async *history(options?: { readonly signal?: AbortSignal }): AsyncGenerator<readonly Candle[]> {
    const listed = await this.#list(options?.signal);
    this.#watch(listed);
    const deadline = this.#deadline(this.#options.historyWithinMs ?? 20_000, options?.signal);
    try {
      const waiting = [...listed].map(([feed, instruments]) => this.#historyOf(feed, instruments, deadline.signal));
      for (const venue of waiting) yield* await venue;
    } finally {
      deadline.release();
    }
  }

  async *background(options?: { readonly signal?: AbortSignal }): AsyncGenerator<readonly MarketObservation[]> {
    const toMs = this.#clock.nowMs();
    const listed = await this.#list(options?.signal);
    const { signal, release } = this.#deadline(this.#options.historyWithinMs ?? 20_000, options?.signal);
    try {
      const ofVenues = [...listed].map(async ([feed, instruments]) => {
        const settled: FundingRate[] = [];
        for (const { id } of instruments) {
          const range = { instrumentId: id, fromMs: toMs - 3 * dayMs, toMs };
          const rates = await this.#try(feed, 'funding', () => feed.fetchFunding?.(range, { signal }), signal);
          settled.push(...(rates ?? []));
        }
        return settled;
      });
      for (const rates of ofVenues) yield (await rates).map((funding) => ({ kind: 'funding', funding }));
    } finally {
      release();
    }
  }

  /** Goes on until it is aborted or left. */
  async *steps(options?: { readonly signal?: AbortSignal }): AsyncGenerator<MarketStep> {
    this.#watch(await this.#list(options?.signal));
    try {
      for (;;) {
        const { observations, gaps } = this.#batch.drain();
        if (observations.length + gaps.length > 0) yield { atMs: this.#clock.nowMs(), observations, gaps };
        this.#sayGivenUp();
        await this.#clock.sleep(this.#options.stepMs ?? 100, options);
      }
    } finally {
      for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
    }
  }

  #list(signal?: AbortSignal): Promise<ReadonlyMap<MarketFeed, readonly Instrument[]>> {
    this.#listed ??= this.#askVenues(signal);
    return this.#listed;
  }

  async #askVenues(signal?: AbortSignal): Promise<ReadonlyMap<MarketFeed, readonly Instrument[]>> {
    const { feeds, markets, answerWithinMs = 3_000 } = this.#options;
    const within = this.#deadline(answerWithinMs, signal);
    const wanted = markets && new Set(markets);
    const answers = await Promise.all(
      feeds.map((feed) => this.#try(feed, 'instruments', () => feed.fetchInstruments(within), within.signal)),
    );
    within.release();
    const listed = new Map<MarketFeed, readonly Instrument[]>();
    answers.forEach((instruments, index) => {
      const feed = feeds[index];
      if (feed === undefined || instruments === undefined) return;
      const chosen = instruments.filter(({ market, status }) => status === 'trading' && (wanted?.has(market) ?? true));
      if (chosen.length > 0) listed.set(feed, chosen);
    });
    signal?.throwIfAborted();
    if (answers.every((answer) => answer === undefined))
      throw new ConfigError(
        'feeds.unreachable',
        `None of ${feeds.map(({ venue }) => venue).join(', ')} answered within ${answerWithinMs / 1000} s: is there a network?`,
      );
    if (listed.size === 0)
      throw new ConfigError('markets.unknown', `No venue that answered lists ${markets?.join(', ')}.`);
    return listed;
  }

  #watch(listed: ReadonlyMap<MarketFeed, readonly Instrument[]>): void {
    if (this.#unsubscribes.length > 0) return;
    const channels = this.#options.channels ?? everyChannel;
    for (const [feed, instruments] of listed) {
      const instrumentIds = instruments.map(({ id }) => id);
      this.#unsubscribes.push(feed.watch({ instrumentIds, channels }, (update) => this.#batch.take(update)));
    }
  }

  /** All series of a venue that came in time, one after another: venues have their own budgets and go side by side. */
  async #historyOf(
    feed: MarketFeed,
    instruments: readonly Instrument[],
    signal: AbortSignal,
  ): Promise<readonly (readonly Candle[])[]> {
    const series: (readonly Candle[])[] = [];
    for (const timeframe of warmTimeframes) {
      for (const { id } of instruments) {
        if (signal.aborted) return series;
        const candles = await this.#try(feed, 'history', () => this.#fetchSeries(feed, id, timeframe, signal), signal);
        if (candles !== undefined) series.push(candles);
      }
    }
    return series;
  }

  /** Of 1m bars those of the present day, so that every higher bar that is forming has its minutes. */
  #fetchSeries(
    feed: MarketFeed,
    instrumentId: InstrumentId,
    timeframe: Timeframe,
    signal: AbortSignal,
  ): Promise<readonly Candle[]> {
    const nowMs = this.#clock.nowMs();
    const toMs = barOpenMs(timeframe, nowMs);
    const { historyBars = 300 } = this.#options;
    const fromMs = timeframe === '1m' ? barOpenMs('1d', nowMs) : toMs - historyBars * timeframeMs(timeframe);
    return feed.fetchCandles({ instrumentId, timeframe, fromMs, toMs }, { signal });
  }

  async #try<Result>(
    feed: MarketFeed,
    what: string,
    act: () => Promise<Result> | undefined,
    signal: AbortSignal,
  ): Promise<Result | undefined> {
    let leave = (): void => {};
    const late = new Promise<never>((_, reject) => {
      const end = (): void => reject(signal.reason);
      if (signal.aborted) end();
      signal.addEventListener('abort', end);
      // A signal keeps whoever listens, and with them what was answered, for as long as it lives.
      leave = () => signal.removeEventListener('abort', end);
    });
    try {
      return await Promise.race([act(), late]);
    } catch (error) {
      this.#logger.warn({ error, venue: feed.venue, what }, 'a venue could not say what it was asked');
      return undefined;
    } finally {
      leave();
    }
  }

  /** A signal that ends with another or after a while. */
  #deadline(delayMs: number, signal?: AbortSignal): { readonly signal: AbortSignal; readonly release: Release } {
    const late = new AbortController();
    const release = this.#clock.setTimer(delayMs, () => late.abort(new Error(`No answer within ${delayMs} ms.`)));
    return { signal: AbortSignal.any(signal === undefined ? [late.signal] : [late.signal, signal]), release };
  }

  #sayGivenUp(): void {
    const { givenUp } = this.#batch;
    if (givenUp === this.#saidGivenUp) return;
    this.#logger.error({ givenUp: givenUp - this.#saidGivenUp }, 'the desk is too far behind: trades were given up');
    this.#saidGivenUp = givenUp;
  }
}
