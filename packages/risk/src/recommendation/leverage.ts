import type { Instrument } from '@perpdesk/core';
import { Exact, exact } from '../exact/exact.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import {
  keepsDistance,
  liquidationToStop,
  type PlannedPosition,
  tierLeverage,
} from '../exposure/liquidation-distance.ts';

/** The highest whole leverage to try: the first of {@link leverageCandidates}. */
export function highestLeverage(limit: number, instrument: Instrument, held: HeldPosition | undefined): number {
  const highest = Math.min(limit, instrument.marginTiers[0]?.maxLeverage ?? limit, held?.leverage ?? limit);
  return highest < 1 ? highest : Math.floor(highest);
}

/**
 * Whole leverages to try, highest first: venues take whole numbers. Up to the user's limit, the instrument's and, for a
 * position that is added to, its own. A limit below 1 is tried as it is.
 */
export function leverageCandidates(
  limit: number,
  instrument: Instrument,
  held: HeldPosition | undefined,
): readonly number[] {
  const highest = highestLeverage(limit, instrument, held);
  return highest < 1 ? [highest] : Array.from({ length: highest }, (_, index) => highest - index);
}

/** True when the instrument allows the leverage at this size and liquidation is at least 1.5 stop distances away. */
export function leverageFits(plan: PlannedPosition, size: Exact, stopDistance: Exact): boolean {
  if (tierLeverage(plan, size) < plan.leverage) return false;
  return keepsDistance(plan, size, stopDistance.times(liquidationToStop));
}

/**
 * The candidates from the highest on that fits even the smallest size. A higher leverage is liquidated earlier, so that those
 * which fit are the lower ones.
 */
export function fittingLeverages(
  candidates: readonly number[],
  fits: (leverage: number) => boolean,
): readonly number[] {
  let low = 0;
  let high = candidates.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const leverage = candidates[middle];
    if (leverage !== undefined && fits(leverage)) high = middle;
    else low = middle + 1;
  }
  return candidates.slice(low);
}

/**
 * The largest size up to `wanted` that the leverage fits, in whole lots; undefined when not even the smallest does. Margin
 * tiers ask for more as the notional grows, so that what fits once fits for everything smaller.
 */
export function largestFitting(
  plan: PlannedPosition,
  wanted: Exact,
  smallest: Exact,
  lot: Exact,
  stopDistance: Exact,
): Exact | undefined {
  const most = Exact.min(wanted, sizeBelowTier(plan, lot) ?? wanted);
  if (most.greaterThanOrEqualTo(smallest) && leverageFits(plan, most, stopDistance)) return most;
  if (!leverageFits(plan, smallest, stopDistance)) return undefined;
  let low = smallest.dividedToIntegerBy(lot);
  let high = most.dividedToIntegerBy(lot);
  while (high.minus(low).greaterThan(1)) {
    const middle = low.plus(high).dividedToIntegerBy(2);
    if (leverageFits(plan, middle.times(lot), stopDistance)) low = middle;
    else high = middle;
  }
  return low.times(lot);
}

/** The most lots whose notional stays below the first margin tier that does not allow the leverage. */
function sizeBelowTier({ tiers, leverage, entry, held }: PlannedPosition, lot: Exact): Exact | undefined {
  const bound = tiers.find(({ maxLeverage }) => maxLeverage < leverage)?.notionalFrom;
  if (bound === undefined) return undefined;
  const before = held === undefined ? 0 : exact(held.markPrice).times(held.size);
  const room = exact(bound).minus(before).dividedBy(entry);
  return Exact.max(room.ceilTo(lot).minus(lot), 0);
}
