import {
  type DerivativesFeaturesView,
  type DerivativesView,
  type FundingFeatures,
  type InstrumentDerivatives,
  type InstrumentId,
  isFresh,
  type MarketDerivatives,
  type MarketId,
  type Reading,
} from '@perpdesk/core';
import { FeatureSet, type Features } from './feature-set.ts';
import { readFlow } from './flow.ts';
import { readFunding } from './funding.ts';
import { MadeOnce } from './made-once.ts';
import { type OpenInterestChange, readOpenInterest } from './open-interest.ts';

/** Derivatives data, and what it says where that is computed already: data's MarketState gives both. */
export type DerivativesSource = DerivativesView & Partial<DerivativesFeaturesView>;

/** What Luma's components stand on, and what only its model reads. */
export interface DerivativesReading {
  readonly interest: OpenInterestChange | undefined;
  readonly funding: Features | undefined;
  readonly flow: Features | undefined;
  /** By full name. */
  readonly more: FeatureSet;
}

/** Whose derivatives are read. */
export interface DerivativesQuery {
  readonly market: MarketId;
  readonly instrumentId: InstrumentId;
  /** All instruments of the market, asked for where they are needed. */
  readonly venues: () => readonly InstrumentId[];
  readonly atMs: number;
}

const readings = new MadeOnce<DerivativesReading>();

/**
 * Takes what is computed and fresh; while the view gives the very same answers, the reading is the very same object. Of a view that
 * computes nothing, computes what the components stand on.
 */
export function readDerivatives(view: DerivativesSource, query: DerivativesQuery): DerivativesReading {
  const { market, instrumentId, atMs } = query;
  if (computes(view)) {
    const own = view.derivativesOf(instrumentId);
    const whole = view.marketDerivatives(market);
    return readings.of(view, instrumentId, [own, whole], () => computedReading(own, whole));
  }
  const venues = query.venues();
  const others = venues.filter((id) => id !== instrumentId);
  return {
    interest: readOpenInterest(view, instrumentId, atMs),
    funding: readFunding(view, instrumentId, others, atMs),
    flow: readFlow(view, venues, atMs),
    more: new FeatureSet(),
  };
}

const computes = (view: DerivativesSource): view is DerivativesView & DerivativesFeaturesView =>
  view.derivativesOf !== undefined && view.marketDerivatives !== undefined;

const freshOf = <Value>(reading: Reading<Value> | undefined): Value | undefined =>
  isFresh(reading) ? reading.value : undefined;

const inBp = (fraction: number | undefined): number | undefined =>
  fraction === undefined ? undefined : 1e4 * fraction;

function computedReading(own: InstrumentDerivatives, market: MarketDerivatives): DerivativesReading {
  const interest = freshOf(own.openInterest);
  const funding = freshOf(own.funding);
  const volume = freshOf(own.volume);
  const basis = freshOf(own.basis);
  const { positions, liquidations } = market;
  const cascade = liquidations?.cascade;
  const more = new FeatureSet()
    .set('oi.z', interest?.move?.z)
    .set('oi.trend', interest?.trendPercentPerHour)
    .set('funding.surprise', inBp(funding?.surprisePer8h))
    .set('funding.venueZ', funding?.venueZ)
    .set('volume.takerDelta', volume?.delta)
    .set('volume.z', volume?.anomalyZ)
    .set('volume.venueConcentration', market.volume?.concentration)
    .set('basis.index', basis?.indexBp)
    .set('basis.venues', basis?.venuesBp)
    .set('flow.shifted', positions?.shifted)
    .set('flow.cascade', cascade?.movePercent);
  return {
    interest: interest?.move && { ...interest.move, notionalUsd: interest.notionalUsd },
    funding: funding && fundingOf(funding),
    flow: flowOf(market),
    more,
  };
}

/** By the names of `readFunding`. */
function fundingOf({ per8h, z, spreadPer8h }: FundingFeatures): Features {
  return {
    rate: 1e4 * per8h,
    ...(z === undefined ? {} : { z }),
    ...(spreadPer8h === undefined ? {} : { spread: 1e4 * spreadPer8h }),
  };
}

/** By the names of `readFlow`. */
function flowOf({ positions, liquidations }: MarketDerivatives): Features | undefined {
  if (positions === undefined && liquidations === undefined) return undefined;
  return {
    ...(positions === undefined ? {} : { venues: positions.venues.length, build: positions.build }),
    ...(liquidations === undefined
      ? {}
      : {
          liquidations: liquidations.imbalance,
          liquidatedUsd: liquidations.longsUsd + liquidations.shortsUsd,
        }),
  };
}
