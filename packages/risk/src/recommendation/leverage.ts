import { Decimal, type Instrument } from '@perpdesk/core';
import type { HeldPosition } from '../exposure/held-position.ts';
import { liquidationDistance, liquidationToStop, type PlannedPosition, tierLeverage } from '../exposure/liquidation-distance.ts';

/**
 * Whole leverages to try, highest first: venues take whole numbers. Up to the user's limit, the instrument's and, for a
 * position that is added to, its own. A limit below 1 is tried as it is.
 */
export function leverageCandidates(limit: number, instrument: Instrument, held: HeldPosition | undefined): readonly number[] {
  const highest = Math.min(limit, ...instrument.marginTiers.map(({ maxLeverage }) => maxLeverage).slice(0, 1), held?.leverage ?? limit);
  const whole = Math.floor(highest);
  return whole < 1 ? [highest] : Array.from({ length: whole }, (_, index) => whole - index);
}

/** True when the instrument allows the leverage at this size and liquidation is at least 1.5 stop distances away. */
export function leverageFits(plan: PlannedPosition, size: Decimal, stopDistance: Decimal): boolean {
  if (tierLeverage(plan, size) < plan.leverage) return false;
  const distance = liquidationDistance(plan, size);
  return distance === undefined || distance.greaterThanOrEqualTo(stopDistance.times(liquidationToStop));
}

/**
 * The largest size up to `wanted` that the leverage fits, in whole lots; undefined when not even the smallest does. Margin
 * tiers ask for more as the notional grows, so that what fits once fits for everything smaller.
 */
export function largestFitting(plan: PlannedPosition, wanted: Decimal, smallest: Decimal, lot: Decimal, stopDistance: Decimal): Decimal | undefined {
  if (wanted.lessThan(smallest) || leverageFits(plan, wanted, stopDistance)) return wanted;
  if (!leverageFits(plan, smallest, stopDistance)) return undefined;
  let low = smallest.dividedToIntegerBy(lot);
  let high = wanted.dividedToIntegerBy(lot);
  while (high.minus(low).greaterThan(1)) {
    const middle = low.plus(high).dividedToIntegerBy(2);
    if (leverageFits(plan, middle.times(lot), stopDistance)) low = middle;
    else high = middle;
  }
  return low.times(lot);
}
