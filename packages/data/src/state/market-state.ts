import {
  type Candle,
  type CandleGap,
  type Clock,
  type DerivativesFeaturesView,
  type DerivativesView,
  type FeedGap,
  type FundingRate,
  type IndicatorSnapshot,
  type Instrument,
  type InstrumentDerivatives,
  type InstrumentId,
  type Liquidation,
  type MacroEvent,
  type MacroRelease,
  type MacroView,
  type MarketDerivatives,
  type MarketId,
  type MarketObservation,
  type MarketView,
  type OpenInterest,
  type OrderBookSnapshot,
  type Reading,
  type Ticker,
  type Timeframe,
  timeframeMs,
} from '@perpdesk/core';
import { DerivativesEngine } from '../derivatives/derivatives-engine.ts';
import type { DerivativesFreshness } from '../derivatives/instrument-tracker.ts';
import { DerivativesBoard, type DerivativesCapacity } from './derivatives-board.ts';
import { type Freshness, type KnownGap, minuteFreshness, readingOf } from './freshness.ts';
import { FutureFacts } from './future-facts.ts';
import { InstrumentList, type ReferenceChoice } from './instrument-list.ts';
import { MacroBoard } from './macro-board.ts';
import { Ring } from './ring.ts';

/** Options of {@link MarketState}. */
export interface MarketStateOptions extends ReferenceChoice {
  readonly clock: Clock;
  /** Closed bars kept per instrument and timeframe. Default 1,000. */
  readonly candleCapacity?: number;
  /** Default: 1,000 settlements, 1,500 minutes of open interest, 5,000 liquidations per instrument. */
  readonly derivativesCapacity?: Partial<DerivativesCapacity>;
  /** How old what derivatives features stand on may be. Default: half an hour of open interest, ten minutes of volume. */
  readonly derivativesFreshness?: Partial<DerivativesFreshness>;
  /** Published figures kept. Default 1,000. */
  readonly releaseCapacity?: number;
  /** How old a ticker or book may be, by the cadence of the source. Default {@link minuteFreshness}: 90 s. */
  readonly freshness?: Partial<Freshness>;
}

const minuteMs = timeframeMs('1m');

interface Series {
  readonly candles: Ring<Candle>;
  indicators: IndicatorSnapshot | undefined;
}

/**
 * What is known of the markets, as of the clock. Reads show only what had happened and come in by then: a bar once it has
 * closed, all else from the time it was received. What is told earlier waits for its time, so that no answer at an instant
 * depends on anything after it, even where the state was filled ahead.
 *
 * @example
 * const state = new MarketState({ clock });
 * state.list(await source.instruments());
 * state.observe({ kind: 'candle', candle });
 * const bars = state.candles('BTC-PERP@hyperliquid', '1m', 50);
 */
export class MarketState implements MarketView, DerivativesView, DerivativesFeaturesView, MacroView {
  /** Closed bars kept per instrument and timeframe. */
  readonly candleCapacity: number;
  readonly #clock: Clock;
  readonly #facts: FutureFacts;
  readonly #freshness: Freshness;
  readonly #instruments: InstrumentList;
  readonly #derivatives: DerivativesBoard;
  readonly #features: DerivativesEngine;
  readonly #macro: MacroBoard;
  readonly #series = new Map<InstrumentId, Map<Timeframe, Series>>();
  readonly #tickers = new Map<InstrumentId, Ticker>();
  readonly #books = new Map<InstrumentId, OrderBookSnapshot>();
  readonly #gaps = new Map<InstrumentId, KnownGap>();

  constructor(options: MarketStateOptions) {
    this.#clock = options.clock;
    this.#facts = new FutureFacts(options.clock);
    this.#freshness = { ...minuteFreshness, ...options.freshness };
    this.candleCapacity = options.candleCapacity ?? 1000;
    this.#instruments = new InstrumentList(options);
    this.#derivatives = new DerivativesBoard({
      funding: 1000,
      openInterest: 1500,
      liquidations: 5000,
      ...options.derivativesCapacity,
    });
    this.#features = new DerivativesEngine({
      clock: options.clock,
      freshness: { tickerMs: this.#freshness.tickerMs, ...options.derivativesFreshness },
    });
    this.#macro = new MacroBoard(options.releaseCapacity ?? 1000);
  }

  /**
   * Makes instruments known, in the order given, which all answers keep.
   * @throws ValidationError `reference.market` when a configured reference is of another market.
   */
  list(instruments: readonly Instrument[]): void {
    this.#instruments.list(instruments);
  }

  /**
   * Takes what a source says. Trades go into the volume of derivatives features alone. An older bar, ticker or book than
   * the one that is known is passed over.
   * @param knownAtMs when a macro event became known, ms UTC. Default: now. All else says itself when it was received.
   */
  observe(observation: MarketObservation, knownAtMs: number = this.#clock.nowMs()): void {
    if (observation.kind !== 'candle') this.#features.observe(observation);
    switch (observation.kind) {
      case 'candle':
        this.addCandle(observation.candle);
        break;
      case 'ticker':
        this.#setNewest(this.#tickers, observation.ticker);
        break;
      case 'book':
        this.#setNewest(this.#books, observation.book);
        break;
      case 'funding': {
        const { funding } = observation;
        this.#facts.take(funding.receivedAtMs, () => this.#derivatives.addFunding(funding));
        break;
      }
      case 'open-interest': {
        const { openInterest } = observation;
        this.#facts.take(openInterest.receivedAtMs, () => this.#derivatives.addOpenInterest(openInterest));
        break;
      }
      case 'liquidation': {
        const { liquidation } = observation;
        this.#facts.take(liquidation.receivedAtMs, () => this.#derivatives.addLiquidation(liquidation));
        break;
      }
      case 'macro-scheduled':
        this.#facts.take(knownAtMs, () => this.#macro.schedule(observation.event, knownAtMs));
        break;
      case 'macro-released': {
        const { release } = observation;
        this.#facts.take(release.releasedAtMs, () => this.#macro.release(release));
        break;
      }
      case 'trade':
      case 'forming-candle':
        break;
    }
  }

  /** Takes a closed bar of any timeframe; it can be read from its close on. */
  addCandle(candle: Candle): void {
    this.#features.observe({ kind: 'candle', candle });
    this.#facts.take(candle.openAtMs + timeframeMs(candle.timeframe), () => {
      const { candles } = this.#seriesOf(candle.instrumentId, candle.timeframe);
      const newest = candles.newest();
      if (newest === undefined || newest.openAtMs < candle.openAtMs) candles.push(candle);
    });
  }

  /** Takes the indicator values after a closed bar; they can be read from its close on. */
  setIndicators(snapshot: IndicatorSnapshot): void {
    this.#facts.take(snapshot.openAtMs + timeframeMs(snapshot.timeframe), () => {
      const series = this.#seriesOf(snapshot.instrumentId, snapshot.timeframe);
      const known = series.indicators;
      if (known === undefined || known.openAtMs < snapshot.openAtMs) series.indicators = snapshot;
    });
  }

  /** Notes that an instrument's feed lacks something: what was last heard before the gap reads as `gapped`. */
  noteGap(gap: CandleGap): void {
    const knownAtMs = gap.toMs + timeframeMs(gap.timeframe);
    this.#features.noteGap(gap.instrumentId, gap, knownAtMs);
    this.#facts.take(knownAtMs, () => this.#gaps.set(gap.instrumentId, { fromMs: gap.fromMs, missing: gap.missing }));
  }

  /**
   * Notes a span that a feed's stream missed. Features that sum up trades or liquidations read as `gapped` while the span is in
   * their window, `missing` being the minutes it touches. What was filled lacks nothing; of other streams the next word makes good.
   */
  noteFeedGap({ instrumentId, channel, fromMs, toMs, filled }: FeedGap): void {
    if (filled || (channel !== 'trades' && channel !== 'liquidations')) return;
    const missing = Math.floor(toMs / minuteMs) - Math.floor(fromMs / minuteMs) + 1;
    // Told once its end is known: by now.
    const knownAtMs = Math.min(toMs, this.#clock.nowMs());
    this.#features.noteGap(instrumentId, { fromMs, toMs, missing, channel }, knownAtMs);
  }

  instruments(): readonly Instrument[] {
    return this.#instruments.all();
  }

  instrument(id: InstrumentId): Instrument | undefined {
    return this.#instruments.get(id);
  }

  reference(market: MarketId): Instrument | undefined {
    return this.#instruments.reference(market);
  }

  candles(id: InstrumentId, timeframe: Timeframe, limit: number): readonly Candle[] {
    this.#facts.settle();
    return this.#series.get(id)?.get(timeframe)?.candles.last(limit) ?? [];
  }

  indicators(id: InstrumentId, timeframe: Timeframe): IndicatorSnapshot | undefined {
    this.#facts.settle();
    return this.#series.get(id)?.get(timeframe)?.indicators;
  }

  ticker(id: InstrumentId): Reading<Ticker> | undefined {
    return this.#read(this.#tickers, id, this.#freshness.tickerMs);
  }

  book(id: InstrumentId): Reading<OrderBookSnapshot> | undefined {
    return this.#read(this.#books, id, this.#freshness.bookMs);
  }

  funding(id: InstrumentId, limit: number): readonly FundingRate[] {
    this.#facts.settle();
    return this.#derivatives.funding(id, limit);
  }

  openInterest(id: InstrumentId, limit: number): readonly OpenInterest[] {
    this.#facts.settle();
    return this.#derivatives.openInterest(id, limit);
  }

  liquidations(id: InstrumentId, windowMs: number): readonly Liquidation[] {
    this.#facts.settle();
    return this.#derivatives.liquidationsSince(id, this.#clock.nowMs() - windowMs);
  }

  derivativesOf(id: InstrumentId): InstrumentDerivatives {
    return this.#features.derivativesOf(id);
  }

  marketDerivatives(market: MarketId): MarketDerivatives {
    return this.#features.marketDerivatives(market);
  }

  upcoming(windowMs: number): readonly MacroEvent[] {
    this.#facts.settle();
    const nowMs = this.#clock.nowMs();
    return this.#macro.due(nowMs, nowMs + windowMs);
  }

  overdue(windowMs: number): readonly MacroEvent[] {
    this.#facts.settle();
    const nowMs = this.#clock.nowMs();
    return this.#macro.due(nowMs - windowMs, nowMs).toReversed();
  }

  released(windowMs: number): readonly MacroRelease[] {
    this.#facts.settle();
    return this.#macro.releasedSince(this.#clock.nowMs() - windowMs);
  }

  #seriesOf(id: InstrumentId, timeframe: Timeframe): Series {
    let timeframes = this.#series.get(id);
    if (timeframes === undefined) {
      timeframes = new Map();
      this.#series.set(id, timeframes);
    }
    let series = timeframes.get(timeframe);
    if (series === undefined) {
      series = { candles: new Ring(this.candleCapacity), indicators: undefined };
      timeframes.set(timeframe, series);
    }
    return series;
  }

  #setNewest<Value extends Ticker | OrderBookSnapshot>(values: Map<InstrumentId, Value>, value: Value): void {
    this.#facts.take(value.receivedAtMs, () => {
      const known = values.get(value.instrumentId);
      if (known === undefined || known.exchangeAtMs <= value.exchangeAtMs) values.set(value.instrumentId, value);
    });
  }

  #read<Value extends Ticker | OrderBookSnapshot>(
    values: ReadonlyMap<InstrumentId, Value>,
    id: InstrumentId,
    maxAgeMs: number,
  ): Reading<Value> | undefined {
    this.#facts.settle();
    const value = values.get(id);
    if (value === undefined) return undefined;
    return readingOf(value, { nowMs: this.#clock.nowMs(), maxAgeMs, gap: this.#gaps.get(id) });
  }
}
