import {
  timeframes as allTimeframes,
  type Candle,
  type Clock,
  type EventBus,
  type FeedGap,
  type Health,
  type Instrument,
  type InstrumentId,
  isFresh,
  type Logger,
  type MarketBus,
  type MarketObservation,
  type MarketStep,
  type Service,
  SimulatedClock,
  silentLogger,
  type Timeframe,
  timeframeMs,
} from '@perpdesk/core';
import type { IndicatorPipeline } from '../pipeline/indicator-pipeline.ts';
import type { MarketState } from '../state/market-state.ts';
import { toDomainEvent, toReleaseEvent } from './feed-events.ts';
import { type FeedEvent, type FeedNews, InstrumentFeed } from './instrument-feed.ts';
import { joinForming } from './join-forming.ts';
import { type MarketDataCounts, noCounts } from './market-data-counts.ts';
import { type BarNews, MarketTeller } from './market-teller.ts';
import { instrumentOf, isPossible } from './possible-observation.ts';
import { SeriesKeeper } from './series-keeper.ts';
import { type MarketDataStore, type StoreBatching, StoreWriter } from './store-writer.ts';

/** Options of {@link MarketDataService}. */
export interface MarketDataServiceOptions {
  readonly clock: Clock;
  readonly marketBus: Pick<MarketBus, 'publish'>;
  readonly eventBus: Pick<EventBus, 'publish'>;
  readonly state: MarketState;
  readonly pipeline: IndicatorPipeline;
  /** Where bars, indicators, taker volume, prices, funding, open interest and liquidations are kept. Default: nowhere. */
  readonly store?: MarketDataStore;
  readonly batching?: StoreBatching;
  /**
   * The timeframes that are rolled up and told as `candle.closed`. 1m bars always reach state, MarketBus and store; with
   * `1m` among these they are told as durable events too. Default 5m, 15m, 1h, 4h and 1d.
   */
  readonly timeframes?: readonly Timeframe[];
  /** Tells indicators as if each forming bar closed now, as `indicators.previewed`. Default false. */
  readonly intrabar?: boolean;
  /** Unique in a desk. Default `candles`. */
  readonly name?: string;
  readonly logger?: Logger;
}

const noGaps: readonly FeedGap[] = [];

/** What is told of a step once all state is up to date. */
interface Told {
  readonly gaps: readonly FeedGap[];
  readonly observations: readonly MarketObservation[];
  readonly news: ReadonlyMap<InstrumentId, FeedNews>;
  /** Minutes as far as they came. */
  readonly forming: ReadonlyMap<InstrumentId, Candle>;
}

/**
 * Turns what a source says into state and events. A step is taken whole: first all state is brought up (bars, roll-ups,
 * indicators, prices, funding, open interest, calendar), then all of it is published on the MarketBus, then the durable
 * events go out: releases, then instrument by instrument in listing order what closed, timeframes ascending. On a
 * simulated clock each instrument's events are worked off before the next one's, so that what a user may still spend does
 * not depend on which handler was faster.
 *
 * Event ids are derived from key and time, so that a bar told again after a restart is known by the bus.
 */
export class MarketDataService implements Service {
  readonly name: string;
  readonly #clock: Clock;
  readonly #teller: MarketTeller;
  readonly #eventBus: Pick<EventBus, 'publish'>;
  readonly #state: MarketState;
  readonly #pipeline: IndicatorPipeline;
  readonly #writer: StoreWriter | undefined;
  readonly #keeper: SeriesKeeper | undefined;
  readonly #timeframes: ReadonlySet<Timeframe>;
  readonly #targets: readonly Timeframe[];
  readonly #intrabar: boolean;
  readonly #logger: Logger;
  readonly #feeds = new Map<InstrumentId, InstrumentFeed>();
  readonly #counts = noCounts();
  /** Instruments whose history was spoken of. */
  readonly #announced = new Set<InstrumentId>();
  #ingesting: Promise<void> = Promise.resolve();
  #running = true;

  constructor(options: MarketDataServiceOptions) {
    const { clock, store, logger = silentLogger } = options;
    this.name = options.name ?? 'candles';
    this.#clock = clock;
    this.#teller = new MarketTeller(options.marketBus);
    this.#eventBus = options.eventBus;
    this.#state = options.state;
    this.#pipeline = options.pipeline;
    this.#writer = store && new StoreWriter({ store, clock, logger, ...options.batching });
    this.#keeper = this.#writer && new SeriesKeeper(this.#writer);
    this.#timeframes = new Set(options.timeframes ?? allTimeframes.slice(1));
    this.#targets = allTimeframes.filter((timeframe) => timeframe !== '1m' && this.#timeframes.has(timeframe));
    this.#intrabar = options.intrabar ?? false;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    this.#running = true;
  }

  /** Ends after the event being published, and writes what waits for the store. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#writer?.close();
  }

  health(): Health {
    if (!this.#running) return { status: 'stopped' };
    const failure = this.#writer?.failure();
    const detail = `${this.#counts.candles} bars, ${this.#counts.gaps} gaps`;
    return failure === undefined
      ? { status: 'healthy', detail }
      : { status: 'degraded', detail: `${detail}; not stored: ${failure}` };
  }

  /** Makes instruments known. What is said of others is refused. */
  list(instruments: readonly Instrument[]): void {
    this.#state.list(instruments);
  }

  /**
   * Fills state and indicators with what was before the first step, and publishes nothing: bars of any timeframe, a series
   * at a time, oldest first, and whatever else was known. How history and 1m bars join: see `InstrumentFeed`.
   */
  async warm(
    history: AsyncIterable<readonly Candle[]> | Iterable<readonly Candle[]>,
    background: AsyncIterable<readonly MarketObservation[]> | Iterable<readonly MarketObservation[]> = [],
  ): Promise<void> {
    for await (const candles of history) {
      const valid = candles.filter((candle) => this.#isValid({ kind: 'candle', candle }));
      for (const [id, bars] of Map.groupBy(valid, (candle) => candle.instrumentId)) this.#feedOf(id).warm(bars);
    }
    for (const feed of this.#feeds.values()) feed.warmed();
    for await (const observations of background) {
      for (const observation of observations) if (this.#isValid(observation)) this.#state.observe(observation);
    }
  }

  /** Takes a step from before the beginning: state and indicators, no events, not counted. */
  absorb(step: MarketStep): void {
    this.#observe(step, noCounts());
  }

  /**
   * Takes a step: the clock stands at its instant. Resolves when all its events are accepted, on a simulated clock when they
   * are worked off. Steps given meanwhile wait. Not for use inside held work.
   * @throws StoreError when the event bus can not keep an event.
   */
  ingest(step: MarketStep): Promise<void> {
    return this.#inTurn(() => this.#ingest(step));
  }

  /**
   * Tells as `candle.closed`, once, of each instrument that has a fresh price the newest closed bar of each timeframe, where that
   * closed no longer ago than its timeframe lasts: for a desk that begins between two closes and would be silent until the next.
   * What was told already, by a step or before a restart, is known to the bus by its id and not told again. Called after steps;
   * instruments without a price yet are spoken of later.
   * @throws StoreError when the event bus can not keep an event.
   */
  announce(): Promise<void> {
    return this.#inTurn(() => this.#announce());
  }

  /** What came in since the start. */
  counts(): Readonly<MarketDataCounts> {
    return { ...this.#counts };
  }

  async #ingest(step: MarketStep): Promise<void> {
    if (!this.#running) return;
    const told = this.#observe(step, this.#counts);
    this.#keeper?.keep(told);
    const room = this.#teller.tell(told.observations, this.#allBarNews(told));
    if (room !== undefined) await room;
    await this.#settle();
    for (const observation of told.observations) {
      if (observation.kind !== 'macro-released') continue;
      await this.#eventBus.publish(toReleaseEvent(observation.release));
      await this.#settle();
    }
    for (const { id } of this.#state.instruments()) {
      const events = told.news.get(id)?.events;
      if (events === undefined || !this.#running || !events.some((event) => this.#isTold(event))) continue;
      for (const event of events) if (this.#isTold(event)) await this.#eventBus.publish(toDomainEvent(event));
      await this.#settle();
    }
  }

  async #announce(): Promise<void> {
    for (const { id } of this.#state.instruments()) {
      if (!this.#running || this.#announced.has(id) || !isFresh(this.#state.ticker(id))) continue;
      this.#announced.add(id);
      const bars = allTimeframes.flatMap((timeframe) =>
        this.#timeframes.has(timeframe) ? this.#state.candles(id, timeframe, 1) : [],
      );
      const nowMs = this.#clock.nowMs();
      for (const candle of bars) {
        if (nowMs - candle.openAtMs >= 2 * timeframeMs(candle.timeframe)) continue;
        await this.#eventBus.publish(toDomainEvent({ type: 'candle.closed', candle }));
      }
      await this.#settle();
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#ingesting.then(work);
    this.#ingesting = done.catch(() => undefined);
    return done;
  }

  /** Brings up all state, and does nothing else. */
  #observe(step: MarketStep, counts: MarketDataCounts): Told {
    const observations: MarketObservation[] = [];
    const touched = new Map<InstrumentId, InstrumentFeed>();
    const forming = new Map<InstrumentId, Candle>();
    const gaps = step.gaps?.filter(({ instrumentId }) => this.#state.instrument(instrumentId) !== undefined) ?? noGaps;
    for (const gap of gaps) this.#state.noteFeedGap(gap);
    for (const observation of step.observations) {
      if (!this.#isValid(observation)) {
        counts.invalid += 1;
        continue;
      }
      if (observation.kind === 'candle') {
        const { candle } = observation;
        const feed = this.#feedOf(candle.instrumentId);
        if (!this.#push(feed, candle, counts)) continue;
        touched.set(candle.instrumentId, feed);
      } else {
        if (observation.kind === 'forming-candle') forming.set(observation.candle.instrumentId, observation.candle);
        this.#state.observe(observation, step.atMs);
      }
      observations.push(observation);
    }
    const news = new Map<InstrumentId, FeedNews>();
    for (const [id, feed] of touched) {
      const ofFeed = feed.news();
      news.set(id, ofFeed);
      for (const event of ofFeed.events) {
        if (event.type === 'candle.skipped') counts.partialBars += 1;
        if (event.type !== 'feed.gapped') continue;
        counts.gaps += 1;
        counts.missingCandles += event.gap.missing;
      }
    }
    return { gaps, observations, news, forming };
  }

  #push(feed: InstrumentFeed, candle: Candle, counts: MarketDataCounts): boolean {
    const outcome = candle.timeframe === '1m' ? feed.push(candle) : 'invalid';
    if (outcome === 'accepted') counts.candles += 1;
    else if (outcome === 'duplicate') counts.duplicates += 1;
    else {
      counts[outcome] += 1;
      const { instrumentId, timeframe, openAtMs } = candle;
      this.#logger.warn({ instrumentId, timeframe, openAtMs, outcome }, 'a bar was refused');
    }
    return outcome === 'accepted';
  }

  #allBarNews(told: Told): BarNews[] {
    const all: BarNews[] = [];
    for (const id of told.news.keys()) all.push(this.#barNews(id, told));
    for (const id of told.forming.keys()) if (!told.news.has(id)) all.push(this.#barNews(id, told));
    return all;
  }

  #barNews(instrumentId: InstrumentId, told: Told): BarNews {
    const { indicators = [], events = [] } = told.news.get(instrumentId) ?? {};
    const closed: Candle[] = [];
    for (const event of events)
      if (event.type === 'candle.closed' && event.candle.timeframe !== '1m') closed.push(event.candle);
    const feed = this.#feedOf(instrumentId);
    const minute = told.forming.get(instrumentId);
    const forming: Candle[] = [];
    for (const timeframe of this.#targets) {
      const bar = feed.forming(timeframe);
      if (minute !== undefined) forming.push(joinForming(bar, minute, timeframe));
      else if (bar !== undefined) forming.push(bar);
    }
    const previews = this.#intrabar ? forming.flatMap((bar) => this.#pipeline.preview(bar) ?? []) : [];
    return { closed, forming, indicators, previews };
  }

  #isTold(event: FeedEvent): boolean {
    return event.type !== 'candle.closed' || this.#timeframes.has(event.candle.timeframe);
  }

  #isValid(observation: MarketObservation): boolean {
    const id = instrumentOf(observation);
    if (id !== undefined && this.#state.instrument(id) === undefined) return false;
    return isPossible(observation);
  }

  #feedOf(id: InstrumentId): InstrumentFeed {
    const known = this.#feeds.get(id);
    if (known !== undefined) return known;
    const feed = new InstrumentFeed({
      instrumentId: id,
      targets: this.#targets,
      state: this.#state,
      pipeline: this.#pipeline,
    });
    this.#feeds.set(id, feed);
    return feed;
  }

  #settle(): Promise<void> | undefined {
    return this.#clock instanceof SimulatedClock ? this.#clock.idle() : undefined;
  }
}
