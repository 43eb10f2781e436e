import type { MacroEvent, MacroRelease, MarketObservation, MarketStep } from '@perpdesk/core';
import type { MacroCalendar, SimulatedRelease } from './macro-calendar.ts';
import { tickMs } from './minute-path.ts';
import type { MinutePlan } from './minute-plan.ts';
import type { VenueListing } from './venue-listing.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const minutesPerDay = 1440;
/** Other venues than the reference tell a trade this often, in steps. */
const tradeEvery = 5;
/** Events are told this many days ahead, figures are remembered as many days back. */
const calendarDays = 14;
const releasedDays = 30;

/** Writes down what becomes known at each step, and what was known before the first. */
export class StepWriter {
  readonly #listings: readonly VenueListing[];
  readonly #calendar: MacroCalendar;
  /** Pairs below this are of the reference venue. */
  readonly #referencePairs: number;

  constructor(options: {
    readonly listings: readonly VenueListing[];
    readonly calendar: MacroCalendar;
    readonly referencePairs: number;
  }) {
    this.#listings = options.listings;
    this.#calendar = options.calendar;
    this.#referencePairs = options.referencePairs;
  }

  /**
   * One step of a minute. With the first of a minute comes what ended with the minute before.
   * @param ended the minute before, absent at the first step of all.
   */
  write(plan: MinutePlan, tick: number, ended: MinutePlan | undefined): MarketStep {
    const atMs = plan.minute * minuteMs + tick * tickMs;
    const observations: MarketObservation[] = [];
    if (tick === 0) this.#tellEvents(plan.minute, ended === undefined, observations);
    for (const listing of this.#listings) {
      if (ended !== undefined) observations.push({ kind: 'candle', candle: listing.candle(ended) });
      this.#tellPrices(listing, plan, tick, atMs, observations);
      if (ended !== undefined) {
        const common = ended.openInterest[listing.marketIndex] ?? 0;
        const price = listing.price(ended.close[listing.marketIndex] ?? 0, ended.basis[listing.pair] ?? 0);
        observations.push({ kind: 'open-interest', openInterest: listing.openInterest(common, price, atMs) });
      }
      if (tick === 0) observations.push(...settledFunding(listing, plan), predictedFunding(listing, plan));
    }
    return { atMs, observations };
  }

  /** Figures of the last days and events of the next, as of an instant: figures released at it count as known if told. */
  knownEvents(atMs: number, told: boolean): MarketObservation[] {
    const day = Math.floor(atMs / dayMs);
    const all: SimulatedRelease[] = [];
    for (let other = day - releasedDays; other <= day + calendarDays; other += 1) {
      all.push(...this.#calendar.releasesOn(other));
    }
    const isPast = ({ releasedAtMs }: SimulatedRelease): boolean =>
      releasedAtMs < atMs || (told && releasedAtMs === atMs);
    return [...all.filter(isPast).map(released), ...all.filter((release) => !isPast(release)).map(scheduled)];
  }

  /** Funding that settled when a minute began. */
  settledAt(plan: MinutePlan): MarketObservation[] {
    return this.#listings.flatMap((listing) => settledFunding(listing, plan));
  }

  #tellPrices(listing: VenueListing, plan: MinutePlan, tick: number, atMs: number, into: MarketObservation[]): void {
    const ticker = listing.ticker(plan, tick, atMs);
    const reference = listing.pair < this.#referencePairs;
    for (const planned of plan.liquidations) {
      if (planned.pair !== listing.pair || planned.tick !== tick) continue;
      into.push({ kind: 'liquidation', liquidation: listing.liquidation(planned, ticker) });
    }
    into.push({ kind: 'ticker', ticker });
    if (reference || tick % tradeEvery === 0) into.push({ kind: 'trade', trade: listing.trade(plan, tick, ticker) });
    if (reference || tick === 0) into.push({ kind: 'book', book: listing.book(plan, tick, ticker) });
  }

  /** The figures of a minute, and each midnight the events of the day that comes into sight. */
  #tellEvents(minute: number, first: boolean, into: MarketObservation[]): void {
    const day = Math.floor(minute / minutesPerDay);
    if (minute % minutesPerDay === 0 && !first) {
      for (const release of this.#calendar.releasesOn(day + calendarDays)) into.push(scheduled(release));
    }
    for (const release of this.#calendar.releasesOn(day)) {
      if (release.releasedAtMs === minute * minuteMs) into.push(released(release));
    }
  }
}

function settledFunding(listing: VenueListing, plan: MinutePlan): MarketObservation[] {
  const rate = plan.settledFunding[listing.pair] ?? Number.NaN;
  const atMs = plan.minute * minuteMs;
  return Number.isNaN(rate) ? [] : [{ kind: 'funding', funding: listing.funding(rate, atMs, atMs) }];
}

function predictedFunding(listing: VenueListing, plan: MinutePlan): MarketObservation {
  const atMs = plan.minute * minuteMs;
  const intervalMs = listing.instrument.fundingIntervalMs;
  const settlesAtMs = (Math.floor(atMs / intervalMs) + 1) * intervalMs;
  return { kind: 'funding', funding: listing.funding(plan.predictedFunding[listing.pair] ?? 0, settlesAtMs, atMs) };
}

const scheduled = ({ event }: { readonly event: MacroEvent }): MarketObservation => ({
  kind: 'macro-scheduled',
  event,
});

function released({ event, actual, surprise, releasedAtMs }: SimulatedRelease): MarketObservation {
  const release: MacroRelease = { event, actual, releasedAtMs, ...(surprise === undefined ? {} : { surprise }) };
  return { kind: 'macro-released', release };
}
