import type { CancelOutcome, Order, PlaceOutcome, RejectionCode } from '@perpdesk/core';
import { toPrice, toSize, type VenueError, zeroSize } from '@perpdesk/core';
import type { WireOutcome } from './native-order.ts';
import type { PlacedLeg, VenueRefusal } from './venue-adapter.ts';
import { refusedBy, unreadable } from './wire-values.ts';

/** Finds the code of ours for a venue's refusal; the first match counts. */
export type RefusalTable = readonly (readonly [match: string | RegExp, code: RejectionCode])[];

/**
 * What a refusal means for what was asked. Only a venue's own words that it did not do it are `rejected`; the rest is
 * `unknown`. A refusal for the rate with the venue's own code comes before anything is done with the request; without one it
 * may come from anywhere on the way.
 */
export function refusedOutcome(table: RefusalTable, refusal: VenueRefusal): WireOutcome {
  const said = `${refusal.code} ${refusal.message}`.trim().slice(0, 200);
  if (refusal.kind === 'unknown' || (refusal.kind === 'rate-limited' && refusal.code === ''))
    return { kind: 'unknown', reason: said };
  if (refusal.kind === 'rate-limited') return { kind: 'rejected', code: 'order.throttled', message: said };
  const found = table.find(([match]) =>
    typeof match === 'string' ? match === refusal.code : match.test(refusal.message),
  );
  return { kind: 'rejected', code: found?.[1] ?? 'order.invalid', message: said };
}

/** What an answer that was no success throws where there is no outcome to give. */
export const refusalError = (venue: string, refusal: VenueRefusal): VenueError =>
  refusal.kind === 'refused'
    ? refusedBy(venue, `${refusal.code} ${refusal.message}`.trim())
    : unreadable(venue, `${refusal.code} ${refusal.message}`.trim());

/** The outcome of a leg in our terms. */
export function placeOutcome({ intent, market }: PlacedLeg, outcome: WireOutcome, nowMs: number): PlaceOutcome {
  if (outcome.kind === 'unknown') return { outcome: 'unknown', reason: outcome.reason };
  if (outcome.kind === 'rejected')
    return { outcome: 'rejected', rejection: { code: outcome.code, message: outcome.message } };
  const { venueOrderId, status, filled, averagePrice } = outcome;
  const order: Order = {
    ...intent,
    ...(venueOrderId === undefined ? {} : { venueOrderId }),
    status,
    filledSize: filled === undefined ? zeroSize : toSize(filled.times(market.unit)),
    ...(averagePrice === undefined || averagePrice.isZero() ? {} : { averagePrice: toPrice(averagePrice) }),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
  return { outcome: 'accepted', order };
}

/** The outcome of a cancellation in our terms. */
export function cancelOutcome(outcome: WireOutcome): CancelOutcome {
  if (outcome.kind === 'accepted') return { outcome: 'accepted' };
  if (outcome.kind === 'unknown') return { outcome: 'unknown', reason: outcome.reason };
  return { outcome: 'rejected', rejection: { code: outcome.code, message: outcome.message } };
}

/** One outcome of several that belong together: unknown before rejected before accepted. */
export function jointOutcome(outcomes: readonly WireOutcome[]): WireOutcome {
  return (
    outcomes.find(({ kind }) => kind === 'unknown') ??
    outcomes.find(({ kind }) => kind === 'rejected') ??
    outcomes[0] ?? { kind: 'accepted', venueOrderId: undefined, status: 'canceled' }
  );
}
