import type {
  Instrument,
  InstrumentId,
  MarginMode,
  MarketId,
  Opinion,
  Reading,
  Recommendation,
  Ticker,
} from '@perpdesk/core';
import { PreparedPlan } from '../recommendation/prepared-plan.ts';
import type { Listing } from '../recommendation/recommendation-input.ts';
import type { BrixOptions, TradableVenue } from './brix-options.ts';

/** A venue as all users see it. One that nobody knows is unhealthy. */
export interface SeenVenue {
  readonly name: string;
  readonly kind: 'paper' | 'live';
  readonly marginModes: readonly MarginMode[];
  readonly unhealthy: string | undefined;
  /** Its instruments of the plan's market. */
  readonly listings: readonly Listing[];
}

/** What is read of the desk for one plan and is the same for every user: each port is asked once. It holds for one instant. */
export class PlanReadings {
  readonly recommendation: Recommendation;
  readonly atMs: number;
  readonly referenceTicker: Reading<Ticker> | undefined;
  readonly plan: PreparedPlan;
  readonly opinions: readonly Opinion[];
  readonly marketScope: `market:${MarketId}`;
  readonly #options: BrixOptions;
  readonly #listedAt: (venue: string) => ReadonlyMap<InstrumentId, Instrument> | undefined;
  readonly #venues = new Map<string, SeenVenue>();
  readonly #listed = new Map<string, ReadonlyMap<InstrumentId, Instrument> | undefined>();

  constructor(
    options: BrixOptions,
    recommendation: Recommendation,
    listedAt: (venue: string) => ReadonlyMap<InstrumentId, Instrument> | undefined,
  ) {
    this.#options = options;
    this.#listedAt = listedAt;
    this.recommendation = recommendation;
    this.atMs = options.clock.nowMs();
    this.referenceTicker = options.marketView.ticker(recommendation.instrumentId);
    this.plan = new PreparedPlan(this);
    this.opinions = options.opinions?.(recommendation.market) ?? [];
    this.marketScope = `market:${recommendation.market}`;
  }

  venue(name: string): SeenVenue {
    let seen = this.#venues.get(name);
    if (seen === undefined) {
      seen = this.#see(name, this.#options.venues(name));
      this.#venues.set(name, seen);
    }
    return seen;
  }

  /** An instrument as a venue lists it. */
  readonly instrument = (venue: string, id: InstrumentId): Instrument | undefined => {
    let listed = this.#listed.get(venue);
    if (listed === undefined && !this.#listed.has(venue)) {
      listed = this.#listedAt(venue);
      this.#listed.set(venue, listed);
    }
    return listed?.get(id);
  };

  #see(name: string, venue: TradableVenue | undefined): SeenVenue {
    if (venue === undefined) return { name, kind: 'live', marginModes: [], unhealthy: 'not running', listings: [] };
    const { kind, marginModes } = venue.capabilities;
    const listings = venue
      .instruments()
      .filter(({ market }) => market === this.recommendation.market)
      .map((instrument) => ({ instrument, ticker: this.#options.marketView.ticker(instrument.id) }));
    return { name, kind, marginModes, unhealthy: venue.unhealthy(), listings };
  }
}
