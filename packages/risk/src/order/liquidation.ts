import type { Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { Exact, exact } from '../exact/exact.ts';
import {
  keepsDistance,
  liquidationDistance,
  liquidationToStop,
  type PlannedPosition,
  tierLeverage,
} from '../exposure/liquidation-distance.ts';
import { directionOf, heldHere, leverageOf, notionalPrice, pendingOf, worstPrice } from './entry-order.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/**
 * Leverage within the user's and the instrument's limits, and liquidation far enough away: at least the desk's least distance,
 * 1.5 stop distances for an order with a stop, never before the stop. A signal's leg was sized so already and may have moved
 * with the price: its stop must still come first.
 */
export const liquidation: OrderControl<EntryInput> = {
  name: 'liquidation',
  check: (input) => {
    const plan = planOf(input);
    if (plan === undefined)
      return refusal('leverage.limit', 'The leverage of the order is not known.', input.limits.maxLeverage, 'unknown');
    return leverageRefused(input, plan) ?? distanceRefused(input, plan);
  },
};

/** The position an entry would make. */
export function planOf(input: EntryInput): PlannedPosition | undefined {
  const leverage = leverageOf(input);
  const entry = notionalPrice(input);
  if (leverage === undefined || entry === undefined || input.instrument === undefined) return undefined;
  return { direction: directionOf(input), entry, leverage, tiers: input.instrument.marginTiers, held: heldHere(input) };
}

function leverageRefused(input: EntryInput, plan: PlannedPosition): Rejection | undefined {
  const allowed = Math.min(
    input.limits.maxLeverage,
    tierLeverage(plan, exact(input.intent.size)),
    plan.held?.leverage ?? Number.POSITIVE_INFINITY,
  );
  if (!(plan.leverage <= allowed))
    return refusal('leverage.limit', 'The leverage is higher than allowed.', allowed, plan.leverage);
  const signalled = pendingOf(input)?.leverage;
  return signalled === undefined || signalled === plan.leverage
    ? undefined
    : refusal('leverage.limit', 'The leverage is not the one the signal was sized with.', signalled, plan.leverage);
}

function distanceRefused(input: EntryInput, plan: PlannedPosition): Rejection | undefined {
  const size = exact(input.intent.size);
  const pending = pendingOf(input);
  const stop = input.intent.stopLoss ?? pending?.stopLoss;
  const entry = worstPrice(input);
  const stopDistance = stop === undefined || entry === undefined ? exact(0) : entry.minus(stop).abs();
  const least = Exact.max(
    plan.entry.times(input.orderLimits.minLiquidationDistance),
    stopDistance.times(liquidationToStop),
  );
  // Far enough for any order, which is sure for most without a division.
  if (least.greaterThan(stopDistance) && keepsDistance(plan, size, least)) return undefined;
  const distance = liquidationDistance(plan, size);
  if (distance === undefined) return undefined;
  if (distance.lessThanOrEqualTo(stopDistance)) {
    return refusal('stop.beyond-liquidation', 'It would be liquidated before its stop.', distance, stopDistance);
  }
  if (pending !== undefined) return undefined;
  return distance.greaterThanOrEqualTo(least)
    ? undefined
    : refusal('liquidation.too-close', 'Liquidation would be too close.', least, distance);
}
