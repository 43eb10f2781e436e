import {
  type FundingSpread,
  median,
  type OpenInterestFeatures,
  type PositionFlow,
  type VolumeSpread,
} from '@perpdesk/core';
import { robustZ } from './robust-z.ts';

/** A value at a venue. */
export interface AtVenue<Value> {
  readonly venue: string;
  readonly value: Value;
}

/** A venue's open interest that moved by less, in percent, neither builds nor unwinds. */
const leastPercent = 0.1;
/** So many venues before one can be called an outlier among them. */
const leastVenues = 4;

/**
 * Where positions build and unwind, from the venues whose hourly move is known. `shifted` is the total variation distance between
 * the venues' shares then and now, Σ |sᵢ − sᵢ'| / 2 (D. Levin, Y. Peres, "Markov Chains and Mixing Times", ch. 4), both at the
 * price of now. Undefined below two venues.
 */
export function positionFlow(
  venues: readonly AtVenue<Pick<OpenInterestFeatures, 'notionalUsd' | 'move'>>[],
): PositionFlow | undefined {
  const moved = venues.flatMap(({ venue, value: { notionalUsd, move } }) =>
    move === undefined || !(notionalUsd > 0) ? [] : [{ venue, notionalUsd, move }],
  );
  const total = sumOf(moved.map(({ notionalUsd }) => notionalUsd));
  const totalBefore = sumOf(moved.map(({ notionalUsd, move }) => notionalUsd - move.usd));
  if (moved.length < 2 || !(totalBefore > 0)) return undefined;
  const parts = moved.map(({ venue, notionalUsd, move }) => {
    const share = notionalUsd / total;
    return {
      venue,
      notionalUsd,
      moveUsd: move.usd,
      share,
      shareChange: share - (notionalUsd - move.usd) / totalBefore,
    };
  });
  const building = moved.map(({ notionalUsd, move: { percent } }) =>
    Math.abs(percent) < leastPercent ? 0 : Math.sign(percent) * notionalUsd,
  );
  return {
    venues: parts,
    build: sumOf(building) / total,
    moveUsd: total - totalBefore,
    shifted: sumOf(parts.map(({ shareChange }) => Math.abs(shareChange))) / 2,
  };
}

/**
 * How volume spreads over venues: Σ sᵢ² over their shares (A. Hirschman, "National Power and the Structure of Foreign Trade", 1945;
 * O. Herfindahl, 1950). Undefined below two venues or without volume.
 */
export function volumeSpread(venues: readonly AtVenue<number>[]): VolumeSpread | undefined {
  const total = sumOf(venues.map(({ value }) => value));
  const largest = largestOf(venues);
  if (venues.length < 2 || largest === undefined || !(total > 0)) return undefined;
  return {
    venues: venues.length,
    concentration: sumOf(venues.map(({ value }) => (value / total) ** 2)),
    largestVenue: largest.venue,
  };
}

/** Lowest, highest and median rate per 8 h. Undefined below two venues. */
export function fundingSpread(venues: readonly AtVenue<number>[]): FundingSpread | undefined {
  if (venues.length < 2) return undefined;
  const medianPer8h = median(venues.map(({ value }) => value));
  const highest = largestOf(venues);
  const lowest = largestOf(venues.map(({ venue, value }) => ({ venue, value: -value })));
  if (medianPer8h === undefined || highest === undefined || lowest === undefined) return undefined;
  return {
    venues: venues.length,
    medianPer8h,
    lowest: { venue: lowest.venue, per8h: -lowest.value },
    highest: { venue: highest.venue, per8h: highest.value },
  };
}

/** A venue's value against those of the others: less their median, and in robust deviations of all where there are enough. */
export function amongVenues(
  value: number,
  others: readonly number[],
): { readonly spread?: number; readonly z?: number } {
  const usual = median(others);
  if (usual === undefined) return {};
  const z = robustZ(value, [value, ...others], leastVenues);
  return { spread: value - usual, ...(z === undefined ? {} : { z }) };
}

const largestOf = (venues: readonly AtVenue<number>[]): AtVenue<number> | undefined =>
  venues.reduce<AtVenue<number> | undefined>(
    (best, each) => (best === undefined || each.value > best.value ? each : best),
    undefined,
  );

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
