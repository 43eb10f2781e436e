import {
  type BasisFeatures,
  type Clock,
  type DerivativesFeaturesView,
  type FundingFeatures,
  type InstrumentDerivatives,
  type InstrumentId,
  isFresh,
  type LiquidationFeatures,
  type MarketDerivatives,
  type MarketId,
  type MarketObservation,
  marketOf,
  median,
  type Reading,
  timeframeMs,
} from '@perpdesk/core';
import { FutureFacts } from '../state/future-facts.ts';
import { basisBp } from './basis-tracker.ts';
import { type AtVenue, amongVenues, fundingSpread, positionFlow, volumeSpread } from './cross-venue.ts';
import { type DerivativesFreshness, type DerivativesGap, InstrumentTracker } from './instrument-tracker.ts';
import { joinLiquidations } from './liquidation-tracker.ts';

/** Options of {@link DerivativesEngine}. */
export interface DerivativesEngineOptions {
  readonly clock: Clock;
  /** Default: open interest half an hour, volume ten minutes, tickers 90 s. */
  readonly freshness?: Partial<DerivativesFreshness>;
}

/** What was answered, when, and how many facts were known then. */
interface Answer<Value> {
  readonly atMs: number;
  readonly applied: number;
  readonly value: Value;
}

const defaultFreshness: DerivativesFreshness = { openInterestMs: 1_800_000, volumeMs: 600_000, tickerMs: 90_000 };

/**
 * Makes features of derivatives data as it comes: open interest, funding, volume, liquidations and basis of each instrument, and
 * of each market over its venues. It reads as of the clock: what is told with a later arrival waits for its time, so no answer
 * depends on anything after it. An instrument takes some 40 KB at most, however long it runs. A feature without data is left out.
 *
 * @example
 * const engine = new DerivativesEngine({ clock });
 * engine.observe({ kind: 'open-interest', openInterest });
 * engine.derivativesOf('BTC-PERP@hyperliquid').openInterest; // { quality: 'fresh', value: { move: { percent: 1.2, … } }, … }
 */
export class DerivativesEngine implements DerivativesFeaturesView {
  readonly #clock: Clock;
  readonly #facts: FutureFacts;
  readonly #freshness: DerivativesFreshness;
  readonly #instruments = new Map<InstrumentId, InstrumentTracker>();
  readonly #answers = new Map<InstrumentId, Answer<InstrumentDerivatives>>();
  readonly #marketAnswers = new Map<MarketId, Answer<MarketDerivatives>>();
  /** By market, in the order of their ids. */
  readonly #markets = new Map<MarketId, readonly InstrumentId[]>();

  constructor(options: DerivativesEngineOptions) {
    this.#clock = options.clock;
    this.#facts = new FutureFacts(options.clock);
    this.#freshness = { ...defaultFreshness, ...options.freshness };
  }

  /** Takes what a source says. Books, macro events, forming bars and bars of other timeframes than 1m say nothing here. */
  observe(observation: MarketObservation): void {
    switch (observation.kind) {
      case 'ticker': {
        const { ticker } = observation;
        this.#facts.take(ticker.receivedAtMs, () => this.#tracker(ticker.instrumentId).addTicker(ticker));
        break;
      }
      case 'trade': {
        const { trade } = observation;
        this.#facts.take(trade.receivedAtMs, () => this.#tracker(trade.instrumentId).addTrade(trade));
        break;
      }
      case 'candle': {
        const { candle } = observation;
        if (candle.timeframe !== '1m') break;
        const closesAtMs = candle.openAtMs + timeframeMs('1m');
        this.#facts.take(closesAtMs, () => this.#tracker(candle.instrumentId).addMinute(candle));
        break;
      }
      case 'funding': {
        const { funding } = observation;
        this.#facts.take(funding.receivedAtMs, () => this.#tracker(funding.instrumentId).addFunding(funding));
        break;
      }
      case 'open-interest': {
        const { openInterest } = observation;
        const { instrumentId, receivedAtMs } = openInterest;
        this.#facts.take(receivedAtMs, () => this.#tracker(instrumentId).addOpenInterest(openInterest));
        break;
      }
      case 'liquidation': {
        const { liquidation } = observation;
        const { instrumentId, receivedAtMs } = liquidation;
        this.#facts.take(receivedAtMs, () => this.#tracker(instrumentId).addLiquidation(liquidation));
        break;
      }
      default:
        break;
    }
  }

  /** Notes that an instrument's feed, or one stream of it, lacked something. @param knownAtMs ms UTC. Default: from its end on. */
  noteGap(instrumentId: InstrumentId, gap: DerivativesGap, knownAtMs: number = gap.toMs): void {
    this.#facts.take(knownAtMs, () => this.#tracker(instrumentId).noteGap(gap));
  }

  derivativesOf(id: InstrumentId): InstrumentDerivatives {
    return this.#once(this.#answers, id, () => this.#derivativesOf(id));
  }

  marketDerivatives(market: MarketId): MarketDerivatives {
    return this.#once(this.#marketAnswers, market, () => this.#marketDerivatives(market));
  }

  /** What was answered stays the answer until time has passed or something was heard: several agents ask at once. */
  #once<Key, Value>(answers: Map<Key, Answer<Value>>, key: Key, compute: () => Value): Value {
    this.#facts.settle();
    const nowMs = this.#clock.nowMs();
    const known = answers.get(key);
    if (known !== undefined && known.atMs === nowMs && known.applied === this.#facts.applied) return known.value;
    const answer = { atMs: nowMs, applied: this.#facts.applied, value: compute() };
    answers.set(key, answer);
    return answer.value;
  }

  #derivativesOf(id: InstrumentId): InstrumentDerivatives {
    const tracker = this.#instruments.get(id);
    if (tracker === undefined) return {};
    const nowMs = this.#clock.nowMs();
    const openInterest = tracker.openInterest(nowMs);
    const funding = this.#funding(id, tracker, nowMs);
    const volume = tracker.volume(nowMs);
    const liquidations = tracker.liquidations(nowMs);
    const basis = this.#basis(id, tracker, nowMs);
    return {
      ...(openInterest === undefined ? {} : { openInterest }),
      ...(funding === undefined ? {} : { funding }),
      ...(volume === undefined ? {} : { volume }),
      ...(liquidations === undefined ? {} : { liquidations }),
      ...(basis === undefined ? {} : { basis }),
    };
  }

  #marketDerivatives(market: MarketId): MarketDerivatives {
    const nowMs = this.#clock.nowMs();
    const trackers = this.#of(market);
    const positions = positionFlow(fresh(trackers, (tracker) => tracker.positionsNow(nowMs)));
    const volume = volumeSpread(fresh(trackers, (tracker) => tracker.volumeNow(nowMs)));
    const funding = fundingSpread(fresh(trackers, (tracker) => tracker.fundingNow(nowMs)));
    const liquidations = this.#liquidations(trackers, nowMs);
    return {
      ...(positions === undefined ? {} : { positions }),
      ...(volume === undefined ? {} : { volume }),
      ...(funding === undefined ? {} : { funding }),
      ...(liquidations === undefined ? {} : { liquidations }),
    };
  }

  #funding(id: InstrumentId, tracker: InstrumentTracker, nowMs: number): Reading<FundingFeatures> | undefined {
    const reading = tracker.funding(nowMs);
    if (reading === undefined) return undefined;
    const others = fresh(this.#others(id), (other) => other.fundingNow(nowMs)).map(({ value }) => value);
    const { spread, z } = amongVenues(reading.value.per8h, others);
    return {
      ...reading,
      value: {
        ...reading.value,
        ...(spread === undefined ? {} : { spreadPer8h: spread }),
        ...(z === undefined ? {} : { venueZ: z }),
      },
    };
  }

  #basis(id: InstrumentId, tracker: InstrumentTracker, nowMs: number): Reading<BasisFeatures> | undefined {
    const reading = tracker.basis(nowMs);
    if (reading === undefined) return undefined;
    const marks = fresh(this.#others(id), (other) => other.markNow(nowMs)).map(({ value }) => value);
    const venuesBp = basisBp(tracker.mark ?? Number.NaN, median(marks));
    const value = { ...reading.value, ...(venuesBp === undefined ? {} : { venuesBp }) };
    return Object.keys(value).length === 0 ? undefined : { ...reading, value };
  }

  /** Liquidations of all venues are one story: what was told by any counts, and clusters stay those of their venue. */
  #liquidations(trackers: readonly InstrumentTracker[], nowMs: number): LiquidationFeatures | undefined {
    return joinLiquidations(trackers.flatMap((tracker) => tracker.liquidationHour(nowMs) ?? []));
  }

  #others(id: InstrumentId): readonly InstrumentTracker[] {
    const ids = this.#markets.get(marketOf(id)) ?? [];
    return ids.flatMap((other) => (other === id ? [] : (this.#instruments.get(other) ?? [])));
  }

  #of(market: MarketId): readonly InstrumentTracker[] {
    return (this.#markets.get(market) ?? []).flatMap((id) => this.#instruments.get(id) ?? []);
  }

  #tracker(id: InstrumentId): InstrumentTracker {
    const known = this.#instruments.get(id);
    if (known !== undefined) return known;
    const tracker = new InstrumentTracker(id, this.#freshness);
    this.#instruments.set(id, tracker);
    const market = marketOf(id);
    this.#markets.set(market, [...(this.#markets.get(market) ?? []), id].sort());
    return tracker;
  }
}

/** What is fresh, with its venue. */
function fresh<Value>(
  trackers: readonly InstrumentTracker[],
  read: (tracker: InstrumentTracker) => Reading<Value> | undefined,
): AtVenue<Value>[] {
  return trackers.flatMap((tracker) => {
    const reading = read(tracker);
    return isFresh(reading) ? [{ venue: tracker.venue, value: reading.value }] : [];
  });
}
