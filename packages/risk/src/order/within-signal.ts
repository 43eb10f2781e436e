import type { Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { Exact, exact } from '../exact/exact.ts';
import { isOpenEntry } from '../exposure/venue-book.ts';
import type { PendingEntry } from '../state/pending-entry.ts';
import { directionOf, heldHere, pendingOf } from './entry-order.ts';
import type { EntryInput } from './order-input.ts';

/**
 * A leg of a signal: the signal's reservation is there, it is for the same thing, and what is filled, rests, may be on its way
 * and this leg together are no more than the signal's size.
 */
export function withinSignal(input: EntryInput): Rejection | undefined {
  const { intent } = input;
  const pending = pendingOf(input);
  if (pending === undefined) {
    return refusal(
      'recommendation.expired',
      "The signal's reservation is over.",
      'a live reservation',
      intent.signalId ?? 'none',
    );
  }
  const { reservation } = pending;
  const same =
    reservation.venue === intent.venue &&
    reservation.instrumentId === intent.instrumentId &&
    reservation.direction === directionOf(input);
  if (!same) {
    const wanted = `${reservation.direction} ${reservation.instrumentId} at ${reservation.venue}`;
    return refusal(
      'order.invalid',
      'The leg is not what the signal is for.',
      wanted,
      `${directionOf(input)} ${intent.instrumentId} at ${intent.venue}`,
    );
  }
  const { held, open, underway } = committedSize(input, pending);
  const asked = open.plus(underway).plus(intent.size);
  if (asked.greaterThan(pending.remaining)) {
    return refusal(
      'order-size.limit',
      'The legs together are more than what is left of the signal.',
      pending.remaining,
      asked,
    );
  }
  return asked.plus(held).greaterThan(pending.size)
    ? refusal('order-size.limit', 'The position and its legs are more than the signal.', pending.size, asked.plus(held))
    : undefined;
}

/** What of a signal is filled, rests at the venue, or was let pass a moment ago and is seen nowhere yet. */
export function committedSize(
  input: EntryInput,
  pending: PendingEntry,
): { readonly held: Exact; readonly open: Exact; readonly underway: Exact } {
  const { intent, openOrders, atMs } = input;
  const held = Exact.max(exact(heldHere(input)?.size ?? 0).minus(pending.baseline), 0);
  let open = exact(0);
  for (const order of openOrders) {
    if (order.signalId !== intent.signalId || order.clientOrderId === intent.clientOrderId || !isOpenEntry(order))
      continue;
    open = open.plus(Exact.max(exact(order.size).minus(order.filledSize), 0));
  }
  const legs = pending.legs.filter((leg) => leg.expiresAtMs >= atMs && leg.clientOrderId !== intent.clientOrderId);
  let drawn = exact(0);
  let heldBefore = held;
  for (const leg of legs) {
    drawn = drawn.plus(leg.size);
    heldBefore = Exact.min(heldBefore, leg.heldBefore);
  }
  const underway = Exact.max(drawn.minus(held.minus(heldBefore)).minus(open), 0);
  return { held, open, underway };
}
