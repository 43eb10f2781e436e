import type { Usd } from '@perpdesk/core';
import { sizeOf, usdOf } from '../exact/branded.ts';
import { type Exact, exact } from '../exact/exact.ts';
import type { PendingEntry } from './pending-entry.ts';

/**
 * What is left pending when only `remaining` of the initial margin is still to be filled: everything it holds back shrinks
 * alike, and what was let pass before counts as settled. Undefined: nothing is left.
 */
export function releasePending(entry: PendingEntry, remaining: Usd | undefined): PendingEntry | undefined {
  if (remaining === undefined || !exact(remaining).greaterThan(0)) return undefined;
  const held = exact(entry.reservation.initialMargin);
  if (held.lessThanOrEqualTo(remaining)) return { ...entry, legs: [] };
  // Multiplied before it is divided, so that a third of 300 is 100.
  const shareOf = (amount: string): Exact => exact(remaining).times(amount).dividedBy(held);
  const { reservation } = entry;
  return {
    ...entry,
    // To 15 places, so that a third of 0.003 is a lot again.
    remaining: sizeOf(shareOf(entry.remaining).toDecimalPlaces(15)),
    legs: [],
    reservation: {
      ...reservation,
      initialMargin: remaining,
      fees: usdOf(shareOf(reservation.fees)),
      notional: usdOf(shareOf(reservation.notional)),
      riskAtStop: usdOf(shareOf(reservation.riskAtStop)),
    },
  };
}
