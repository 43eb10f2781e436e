import { type Rejection, zeroSize } from '@perpdesk/core';
import { sizeOf, usdOf } from '../exact/branded.ts';
import { Exact, exact } from '../exact/exact.ts';
import { directionOf, heldHere, pendingOf } from '../order/entry-order.ts';
import { exposureOf } from '../order/exposure.ts';
import type { EntryInput } from '../order/order-input.ts';
import { isAutomated, withEntry } from '../order/repeated-entries.ts';
import { costOfSize, moneyOf } from '../recommendation/reservation.ts';
import { expired, orderReservation, type PendingEntry } from '../state/pending-entry.ts';
import type { RiskChange } from '../state/risk-state-store.ts';
import { authorizationMs } from './kept-entry.ts';

/** What letting an entry pass changes: the leg drawn on its signal, or a reservation of its own; the count of automated entries. */
export function drawnEntry(input: EntryInput): Pick<RiskChange, 'put' | 'remove' | 'memory'> | Rejection {
  const pending = pendingOf(input);
  const put = pending === undefined ? reservedOrder(input) : withLeg(input, pending);
  if ('code' in put) return put;
  const memory = isAutomated(input.intent) ? { memory: withEntry(input.memory, input.intent, input.atMs) } : {};
  return { put: [put], remove: expired(input.pending, input.atMs), ...memory };
}

function withLeg(input: EntryInput, pending: PendingEntry): PendingEntry {
  const { clientOrderId, size } = input.intent;
  const others = pending.legs.filter((leg) => leg.clientOrderId !== clientOrderId && leg.expiresAtMs >= input.atMs);
  const held = Exact.max(exact(heldHere(input)?.size ?? 0).minus(pending.baseline), 0);
  return {
    ...pending,
    legs: [...others, { clientOrderId, size, heldBefore: sizeOf(held), expiresAtMs: input.atMs + authorizationMs }],
  };
}

function reservedOrder(input: EntryInput): PendingEntry | Rejection {
  const measured = exposureOf(input);
  if ('code' in measured) return measured;
  const { intent } = input;
  const { context, leverage } = measured;
  const size = exact(intent.size);
  const signalId = orderReservation(intent.clientOrderId);
  return {
    reservation: {
      id: `reservation:${signalId}`,
      userId: intent.userId,
      signalId,
      venue: intent.venue,
      instrumentId: intent.instrumentId,
      direction: directionOf(input),
      ...moneyOf(costOfSize(size, context, leverage)),
      fees: usdOf(context.unitFees.times(size)),
      expiresAtMs: input.atMs + input.orderLimits.orderReservationMs,
    },
    size: intent.size,
    remaining: intent.size,
    leverage,
    ...(intent.stopLoss === undefined ? {} : { stopLoss: intent.stopLoss }),
    baseline: heldHere(input)?.size ?? zeroSize,
    legs: [],
  };
}
