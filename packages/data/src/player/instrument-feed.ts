import type { Candle, CandleGap, IndicatorSnapshot, InstrumentId, Timeframe } from '@perpdesk/core';
import { CandleRollup, type RollupOutcome, type SkippedBar } from '../candles/candle-rollup.ts';
import type { IndicatorPipeline } from '../pipeline/indicator-pipeline.ts';
import type { MarketState } from '../state/market-state.ts';

/** What one step brought for an instrument, in the order it is told. */
export interface FeedNews {
  /** Finished 1m bars that came in. */
  readonly minutes: Candle[];
  readonly indicators: IndicatorSnapshot[];
  readonly events: FeedEvent[];
}

/** What durable events are made of. */
export type FeedEvent =
  | { readonly type: 'candle.closed'; readonly candle: Candle }
  | { readonly type: 'candle.skipped'; readonly bar: SkippedBar }
  | { readonly type: 'feed.gapped'; readonly gap: CandleGap };

const nothing: readonly FeedEvent[] = [];

const noNews = (): FeedNews => ({ minutes: [], indicators: [], events: [] });

/** Bars rolled up from 1m history are kept so long, per timeframe, until all history is in. */
const longestTail = 1500;

/**
 * The bars of one instrument: history first, then 1m bars, rolled up, into state and indicators.
 *
 * How history and 1m bars join: history of a timeframe counts as it is given; 1m history is rolled up too, and of its higher
 * bars only those newer than the timeframe's own history are taken, so that nothing comes twice. A higher bar that began
 * before the first 1m bar known lacks minutes: it is told as skipped and never closed, though history of a finer timeframe may
 * cover its beginning. The series then has a hole of that one bar, which the indicators step over and mark.
 */
export class InstrumentFeed {
  readonly #state: MarketState;
  readonly #pipeline: IndicatorPipeline;
  readonly #rollup: CandleRollup;
  readonly #targets: readonly Timeframe[];
  /** The open of the newest bar taken, by timeframe. */
  readonly #newest = new Map<Timeframe, number>();
  /** Bars rolled up from 1m history, until all history is in. */
  #tails: Map<Timeframe, Candle[]> | undefined = new Map();
  #news = noNews();

  constructor(options: {
    readonly instrumentId: InstrumentId;
    readonly targets: readonly Timeframe[];
    readonly state: MarketState;
    readonly pipeline: IndicatorPipeline;
  }) {
    this.#state = options.state;
    this.#pipeline = options.pipeline;
    this.#targets = options.targets;
    this.#rollup = new CandleRollup({
      instrumentId: options.instrumentId,
      targets: options.targets,
      listener: {
        closed: (candle) => this.#closed(candle),
        skipped: (bar) => this.#news.events.push({ type: 'candle.skipped', bar }),
        gapped: (gap) => this.#gapped(gap),
      },
    });
  }

  /** Takes closed bars of one timeframe from before the first step, oldest first. */
  warm(candles: readonly Candle[]): void {
    for (const candle of candles) if (candle.timeframe === '1m') this.#rollup.push(candle);
    this.#takeAll(candles);
    this.#news = noNews();
  }

  /** Ends the history: what was rolled up beyond a timeframe's own history is taken now. */
  warmed(): void {
    const tails = this.#tails;
    this.#tails = undefined;
    for (const timeframe of this.#targets) this.#takeAll(tails?.get(timeframe) ?? []);
    this.#news = noNews();
  }

  /** Takes the next finished 1m bar. */
  push(candle: Candle): RollupOutcome {
    if (this.#tails !== undefined) this.warmed();
    const before = this.#news.events.length;
    const outcome = this.#rollup.push(candle);
    if (outcome !== 'accepted') return outcome;
    const { events, minutes } = this.#news;
    // What the roll-up told comes after the minute it came with, but a gap lies before it.
    const told = events.length === before ? nothing : events.splice(before);
    for (const event of told) if (event.type === 'feed.gapped') events.push(event);
    minutes.push(candle);
    if (this.#take(candle)) events.push({ type: 'candle.closed', candle });
    for (const event of told) if (event.type !== 'feed.gapped') events.push(event);
    return outcome;
  }

  /** The bar of a higher timeframe as far as it came. */
  forming(timeframe: Timeframe): Candle | undefined {
    return this.#rollup.forming(timeframe);
  }

  /** What came since this was last asked. */
  news(): FeedNews {
    const news = this.#news;
    this.#news = noNews();
    return news;
  }

  #closed(candle: Candle): void {
    if (this.#tails !== undefined) {
      const tail = this.#tails.get(candle.timeframe) ?? [];
      this.#tails.set(candle.timeframe, tail);
      tail.push(candle);
      if (tail.length > 2 * longestTail) tail.splice(0, tail.length - longestTail);
    } else if (this.#take(candle)) {
      this.#news.events.push({ type: 'candle.closed', candle });
    }
  }

  #gapped(gap: CandleGap): void {
    this.#news.events.push({ type: 'feed.gapped', gap });
    this.#state.noteGap(gap);
  }

  /** Takes what is newer than known: all into the indicators, into the state what it can hold. */
  #takeAll(candles: readonly Candle[]): void {
    const news = candles.filter((candle) => this.#isNewer(candle));
    this.#pipeline.warm(news);
    for (const candle of news.slice(-this.#state.candleCapacity)) this.#state.addCandle(candle);
    const last = news.at(-1);
    const snapshot = last && this.#pipeline.snapshot(last);
    if (snapshot !== undefined) this.#state.setIndicators(snapshot);
  }

  /** Takes one bar. False when it was not newer than what was known of its timeframe. */
  #take(candle: Candle): boolean {
    if (!this.#isNewer(candle)) return false;
    this.#state.addCandle(candle);
    const snapshot = this.#pipeline.update(candle);
    if (snapshot !== undefined) {
      this.#state.setIndicators(snapshot);
      this.#news.indicators.push(snapshot);
    }
    return true;
  }

  /** True, and remembered, when the bar opens after all that were known of its timeframe. */
  #isNewer({ timeframe, openAtMs }: Candle): boolean {
    const newest = this.#newest.get(timeframe);
    if (newest !== undefined && openAtMs <= newest) return false;
    this.#newest.set(timeframe, openAtMs);
    return true;
  }
}
