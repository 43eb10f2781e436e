import {
  type BasisFeatures,
  type Candle,
  type FundingFeatures,
  type FundingRate,
  fundingPer8h,
  type InstrumentId,
  type Liquidation,
  type LiquidationFeatures,
  type OpenInterest,
  type OpenInterestFeatures,
  type Reading,
  type Ticker,
  type Trade,
  type VolumeFeatures,
  venueOf,
} from '@perpdesk/core';
import { BasisTracker } from './basis-tracker.ts';
import { FundingTracker } from './funding-tracker.ts';
import { heardAtMs } from './heard-at.ts';
import { joinLiquidations, type LiquidationHour, LiquidationTracker } from './liquidation-tracker.ts';
import { OpenInterestTracker } from './open-interest-tracker.ts';
import { PriceTrack } from './price-track.ts';
import { VolumeTracker } from './volume-tracker.ts';

/** How old what a feature stands on may be and still be fresh, ms. Funding is fresh for two of its intervals. */
export interface DerivativesFreshness {
  readonly openInterestMs: number;
  readonly volumeMs: number;
  readonly tickerMs: number;
}

/** A hole in what was heard of an instrument, ms UTC; `missing` counts what lacks. */
export interface DerivativesGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly missing: number;
  /** The one stream that has the hole. Default: all of them. */
  readonly channel?: GappedChannel;
}

/** Streams whose holes are of their own features: volume, and liquidations. */
export type GappedChannel = 'trades' | 'liquidations';

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** The spans that hours are summed of. */
const spanMs: Readonly<Record<GappedChannel, number>> = { trades: 5 * minuteMs, liquidations: minuteMs };

/** What is known of one instrument's derivatives. Each kind takes its memory at its first word and no more after it. */
export class InstrumentTracker {
  readonly venue: string;
  readonly #freshness: DerivativesFreshness;
  #funding: FundingTracker | undefined;
  #openInterest: OpenInterestTracker | undefined;
  #volume: VolumeTracker | undefined;
  #liquidations: LiquidationTracker | undefined;
  #basis: BasisTracker | undefined;
  #gap: DerivativesGap | undefined;
  readonly #channelGaps = new Map<GappedChannel, DerivativesGap>();
  #prices: PriceTrack | undefined;

  constructor(id: InstrumentId, freshness: DerivativesFreshness) {
    this.venue = venueOf(id);
    this.#freshness = freshness;
  }

  addTicker(ticker: Ticker): void {
    this.#basis ??= new BasisTracker();
    this.#basis.push(ticker);
    this.#prices ??= new PriceTrack();
    this.#prices.tick(heardAtMs(ticker), ticker.mark);
  }

  addTrade(trade: Trade): void {
    this.#volume ??= new VolumeTracker();
    this.#volume.addTrade(trade);
  }

  /** Takes a closed bar of one minute. */
  addMinute(candle: Candle): void {
    this.#volume ??= new VolumeTracker();
    this.#volume.addMinute(candle);
    this.#prices ??= new PriceTrack();
    this.#prices.close(candle.openAtMs + minuteMs, candle.close);
  }

  addFunding(rate: FundingRate): void {
    this.#funding ??= new FundingTracker();
    this.#funding.push(rate);
  }

  addOpenInterest(value: OpenInterest): void {
    this.#openInterest ??= new OpenInterestTracker();
    this.#openInterest.push(value, this.#prices?.asOf(heardAtMs(value)) ?? Number.NaN);
  }

  addLiquidation(liquidation: Liquidation): void {
    this.#liquidations ??= new LiquidationTracker();
    this.#liquidations.push(liquidation);
  }

  noteGap(gap: DerivativesGap): void {
    const { channel } = gap;
    if (channel === undefined) this.#gap = laterOf(this.#gap, gap);
    else this.#channelGaps.set(channel, laterOf(this.#channelGaps.get(channel), gap));
  }

  openInterest(nowMs: number): Reading<OpenInterestFeatures> | undefined {
    return this.#openInterestReading(nowMs, this.#openInterest?.features());
  }

  funding(nowMs: number): Reading<FundingFeatures> | undefined {
    return this.#fundingReading(nowMs, this.#funding?.features());
  }

  basis(nowMs: number): Reading<Omit<BasisFeatures, 'venuesBp'>> | undefined {
    return this.#tickerReading(nowMs, this.#basis?.features() ?? {});
  }

  volume(nowMs: number): Reading<VolumeFeatures> | undefined {
    return this.#volumeReading(nowMs, this.#volume?.features(nowMs));
  }

  liquidations(nowMs: number): Reading<LiquidationFeatures> | undefined {
    const hour = this.liquidationHour(nowMs);
    if (hour === undefined) return undefined;
    const atMs = this.#liquidations?.newestMs ?? nowMs;
    return this.#windowReading('liquidations', joinLiquidations([hour]), atMs, nowMs, false);
  }

  /** The newest mark, however old. */
  get mark(): number | undefined {
    return this.#basis?.newest?.mark;
  }

  // What other venues and the whole market are compared by: the same readings without what only this instrument's history says.

  markNow(nowMs: number): Reading<number> | undefined {
    return this.#tickerReading(nowMs, this.mark);
  }

  fundingNow(nowMs: number): Reading<number> | undefined {
    const newest = this.#funding?.newest;
    return this.#fundingReading(nowMs, newest && fundingPer8h(newest));
  }

  positionsNow(nowMs: number): Reading<Pick<OpenInterestFeatures, 'notionalUsd' | 'move'>> | undefined {
    const newest = this.#openInterest?.newest;
    const move = this.#openInterest?.move();
    return this.#openInterestReading(nowMs, newest && move && { notionalUsd: newest.notionalUsd, move });
  }

  volumeNow(nowMs: number): Reading<number> | undefined {
    return this.#volumeReading(nowMs, this.#volume?.hour(nowMs)?.usd);
  }

  liquidationHour(nowMs: number): LiquidationHour | undefined {
    return this.#liquidations?.hour(nowMs);
  }

  #openInterestReading<Value>(nowMs: number, value: Value | undefined): Reading<Value> | undefined {
    const { openInterestMs } = this.#freshness;
    return this.#stateReading(value, this.#openInterest?.newest, nowMs, (atMs) => nowMs - atMs > openInterestMs);
  }

  #fundingReading<Value>(nowMs: number, value: Value | undefined): Reading<Value> | undefined {
    const newest = this.#funding?.newest;
    return this.#stateReading(
      value,
      newest,
      nowMs,
      () => newest !== undefined && newest.settlesAtMs <= nowMs - 2 * newest.intervalMs,
    );
  }

  #tickerReading<Value>(nowMs: number, value: Value | undefined): Reading<Value> | undefined {
    const { tickerMs } = this.#freshness;
    return this.#stateReading(value, this.#basis?.newest, nowMs, (atMs) => nowMs - atMs > tickerMs);
  }

  #volumeReading<Value>(nowMs: number, value: Value | undefined): Reading<Value> | undefined {
    const atMs = this.#volume?.knownToMs(nowMs);
    return atMs === undefined
      ? undefined
      : this.#windowReading('trades', value, atMs, nowMs, nowMs - atMs > this.#freshness.volumeMs);
  }

  /** Of a value that a newer one replaces: gapped when nothing was heard since a hole began. */
  #stateReading<Value>(
    value: Value | undefined,
    newest: { readonly exchangeAtMs: number; readonly receivedAtMs: number } | undefined,
    nowMs: number,
    isStale: (atMs: number) => boolean,
  ): Reading<Value> | undefined {
    if (value === undefined || newest === undefined) return undefined;
    const atMs = heardAtMs(newest);
    const gap = this.#gap;
    if (gap !== undefined && atMs <= gap.fromMs) return { quality: 'gapped', value, atMs, missing: gap.missing };
    return isStale(atMs) ? { quality: 'stale', value, atMs, ageMs: nowMs - atMs } : { quality: 'fresh', value, atMs };
  }

  /** Of what is summed over an hour: gapped while the hour has a hole. */
  #windowReading<Value>(
    channel: GappedChannel,
    value: Value | undefined,
    atMs: number,
    nowMs: number,
    isStale: boolean,
  ): Reading<Value> | undefined {
    if (value === undefined) return undefined;
    if (isStale) return { quality: 'stale', value, atMs, ageMs: nowMs - atMs };
    const gaps = [this.#gap, this.#channelGaps.get(channel)];
    // The window is of whole spans: it begins up to one before the hour.
    const fromMs = Math.floor(nowMs / spanMs[channel]) * spanMs[channel] - hourMs;
    const gap = gaps.find((one) => one !== undefined && one.toMs > fromMs);
    return gap === undefined
      ? { quality: 'fresh', value, atMs }
      : { quality: 'gapped', value, atMs, missing: gap.missing };
  }
}

/** A hole behind another has left every window sooner: one of each is enough. */
const laterOf = (known: DerivativesGap | undefined, gap: DerivativesGap): DerivativesGap =>
  known === undefined || gap.toMs >= known.toMs ? gap : known;
