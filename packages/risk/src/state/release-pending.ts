import { Decimal, toSize, toUsd, type Usd } from '@perpdesk/core';
import type { PendingEntry } from './pending-entry.ts';

/**
 * What is left pending when only `remaining` of the initial margin is still to be filled: everything it holds back shrinks
 * alike, and what was let pass before counts as settled. Undefined: nothing is left.
 */
export function releasePending(entry: PendingEntry, remaining: Usd | undefined): PendingEntry | undefined {
  if (remaining === undefined || !new Decimal(remaining).greaterThan(0)) return undefined;
  const held = new Decimal(entry.reservation.initialMargin);
  if (held.lessThanOrEqualTo(remaining)) return { ...entry, legs: [] };
  const share = new Decimal(remaining).dividedBy(held);
  const { reservation } = entry;
  return {
    ...entry,
    // To 15 places, so that a third of 0.003 is a lot again.
    remaining: toSize(share.times(entry.remaining).toDecimalPlaces(15)),
    legs: [],
    reservation: {
      ...reservation,
      initialMargin: remaining,
      fees: toUsd(share.times(reservation.fees)),
      notional: toUsd(share.times(reservation.notional)),
      riskAtStop: toUsd(share.times(reservation.riskAtStop)),
    },
  };
}
