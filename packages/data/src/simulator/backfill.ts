import {
  type Candle,
  type CandleColumns,
  type MarketObservation,
  type Timeframe,
  timeframeMs,
  timeframes,
} from '@perpdesk/core';
import { CandleBuffer, candleAt } from '../candles/candle-buffer.ts';
import type { MarketModel } from './market-model.ts';
import type { VenueListing } from './venue-listing.ts';

const minuteMs = 60_000;
const minutesPerDay = 1440;
const minutesPerFive = 5;
/** Open interest is kept this often, and this far back. */
const openInterestEvery = 5;
const openInterestMinutes = minutesPerDay;

/** What came before the first step, of one listing. */
interface ListingPast {
  readonly listing: VenueListing;
  readonly minutes: CandleBuffer;
  readonly fives: CandleBuffer;
  readonly settled: { readonly atMs: number; readonly rate: number }[];
  readonly openInterest: { readonly atMs: number; readonly common: number; readonly price: number }[];
}

/** Runs a model over the days before the first step and keeps what a desk warms on. */
export class Backfill {
  readonly #past: readonly ListingPast[];

  /**
   * Advances the model until `toMinute` is its next.
   * @param fromMinute 5m bars begin here, on a multiple of a day; the model may begin earlier.
   * @param minuteDays how many days of 1m bars are kept.
   */
  constructor(options: {
    readonly model: MarketModel;
    readonly listings: readonly VenueListing[];
    readonly fromMinute: number;
    readonly toMinute: number;
    readonly minuteDays: number;
  }) {
    const { model, fromMinute, toMinute, minuteDays } = options;
    const days = Math.ceil((toMinute - fromMinute) / minutesPerDay);
    this.#past = options.listings.map((listing) => ({
      listing,
      minutes: new CandleBuffer(Math.min(days, minuteDays) * minutesPerDay),
      fives: new CandleBuffer(days * 288),
      settled: [],
      openInterest: [],
    }));
    const bars = new Float64Array(this.#past.length * 5);
    const minutesFrom = Math.max(fromMinute, toMinute - minuteDays * minutesPerDay);
    while (model.nextMinute < toMinute) {
      const minute = model.advance();
      if (minute < fromMinute) continue;
      for (let i = 0; i < this.#past.length; i += 1) {
        const past = this.#past[i];
        if (past !== undefined) takeMinute(past, model, minute, bars.subarray(i * 5, i * 5 + 5), minute >= minutesFrom);
      }
      for (const past of this.#past) takeDerivatives(past, model, minute, toMinute);
    }
  }

  /** Closed bars, a series at a time: listings in their order, timeframes ascending. */
  *series(): Generator<readonly Candle[]> {
    for (const { listing, minutes, fives } of this.#past) {
      yield objects(listing, '1m', minutes);
      yield objects(listing, '5m', fives);
      for (const timeframe of timeframes.slice(2)) yield objects(listing, timeframe, rolled(fives, timeframe));
    }
  }

  /** Settled funding and open interest, a listing at a time. */
  *derivatives(): Generator<readonly MarketObservation[]> {
    for (const { listing, settled, openInterest } of this.#past) {
      yield settled.map(({ atMs, rate }) => ({ kind: 'funding', funding: listing.funding(rate, atMs, atMs) }));
      yield openInterest.map(({ atMs, common, price }) => ({
        kind: 'open-interest',
        openInterest: listing.openInterest(common, price, atMs),
      }));
    }
  }
}

/** Adds a minute to the forming 5m bar (`open, high, low, close, volume`) and to the 1m bars. */
function takeMinute(
  past: ListingPast,
  model: MarketModel,
  minute: number,
  five: Float64Array,
  keepMinute: boolean,
): void {
  const { listing } = past;
  const m = listing.marketIndex;
  const basis = model.basis[listing.pair] ?? 0;
  const open = listing.price(model.open[m] ?? 0, basis);
  const high = listing.price(model.high[m] ?? 0, basis);
  const low = listing.price(model.low[m] ?? 0, basis);
  const close = listing.price(model.close[m] ?? 0, basis);
  const volume = listing.quantity(model.volume[m] ?? 0);
  if (keepMinute) past.minutes.push(minute * minuteMs, open, high, low, close, volume);
  const within = minute % minutesPerFive;
  if (within === 0) {
    five[0] = open;
    five[1] = high;
    five[2] = low;
    five[4] = volume;
  } else {
    if (high > (five[1] ?? 0)) five[1] = high;
    if (low < (five[2] ?? 0)) five[2] = low;
    five[4] = (five[4] ?? 0) + volume;
  }
  five[3] = close;
  if (within !== minutesPerFive - 1) return;
  past.fives.push((minute - within) * minuteMs, five[0] ?? 0, five[1] ?? 0, five[2] ?? 0, close, five[4] ?? 0);
}

function takeDerivatives(past: ListingPast, model: MarketModel, minute: number, toMinute: number): void {
  const { listing } = past;
  const settled = model.settledFunding[listing.pair] ?? Number.NaN;
  if (!Number.isNaN(settled)) past.settled.push({ atMs: minute * minuteMs, rate: settled });
  const end = minute + 1;
  if (end % openInterestEvery !== 0 || end <= toMinute - openInterestMinutes) return;
  const m = listing.marketIndex;
  const price = listing.price(model.close[m] ?? 0, model.basis[listing.pair] ?? 0);
  past.openInterest.push({ atMs: end * minuteMs, common: model.openInterest[m] ?? 0, price });
}

const objects = (listing: VenueListing, timeframe: Timeframe, bars: CandleColumns): Candle[] =>
  Array.from({ length: bars.length }, (_, i) => candleAt(bars, { instrumentId: listing.instrument.id, timeframe }, i));

/** Complete bars from a 5m series without gaps that begins on a multiple of a day. Sums as the roll-up of candles does. */
function rolled(fives: CandleBuffer, timeframe: Timeframe): CandleBuffer {
  const parts = timeframeMs(timeframe) / (minutesPerFive * minuteMs);
  const whole = Math.floor(fives.length / parts);
  const bars = new CandleBuffer(whole);
  for (let bar = 0; bar < whole; bar += 1) {
    const from = bar * parts;
    let high = 0;
    let low = Number.POSITIVE_INFINITY;
    let volume = 0;
    for (let i = from; i < from + parts; i += 1) {
      high = Math.max(high, fives.high[i] ?? 0);
      low = Math.min(low, fives.low[i] ?? 0);
      volume += fives.volume[i] ?? 0;
    }
    bars.push(fives.openAtMs[from] ?? 0, fives.open[from] ?? 0, high, low, fives.close[from + parts - 1] ?? 0, volume);
  }
  return bars;
}
