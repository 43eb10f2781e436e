import { type Signal, zeroSize } from '@perpdesk/core';
import { show } from '../decision/show.ts';
import { passed, type StepResult } from '../decision/step-result.ts';
import { asKept, usdOf } from '../exact/branded.ts';
import type { Exact } from '../exact/exact.ts';
import type { ExposureContext } from '../exposure/exposure-context.ts';
import { riskOfSize } from '../exposure/exposure-limit.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import type { PendingEntry } from '../state/pending-entry.ts';

type Money = Pick<Signal, 'notional' | 'initialMargin' | 'riskAtStop'>;

/** What a size costs. */
export interface Cost {
  readonly notional: Exact;
  readonly initialMargin: Exact;
  /** Loss at the stop with fees. */
  readonly riskAtStop: Exact;
}

/** Reckons what a size costs. */
export function costOfSize(size: Exact, context: ExposureContext, leverage: number): Cost {
  const notional = size.times(context.entry);
  return { notional, initialMargin: notional.dividedBy(leverage), riskAtStop: riskOfSize(size, context) };
}

/** A cost as it is kept. @throws ValidationError `decimal.invalid` */
export const moneyOf = ({ notional, initialMargin, riskAtStop }: Cost): Money => ({
  notional: usdOf(notional),
  initialMargin: usdOf(initialMargin),
  riskAtStop: usdOf(riskAtStop),
});

/** Step 5: what the signal holds back until it is filled, cancelled or over. Its shell commits it. */
export function reserve(
  signal: Signal,
  context: ExposureContext,
  { held, size, cost }: { readonly held: HeldPosition | undefined; readonly size: Exact; readonly cost: Cost },
): StepResult<PendingEntry> {
  const { available, pendingNotional } = context.book;
  const fees = context.unitFees.times(size);
  const after = available.minus(asKept(cost.initialMargin)).minus(asKept(fees));
  const pending: PendingEntry = {
    reservation: {
      id: signal.reservationId,
      userId: signal.userId,
      signalId: signal.id,
      venue: signal.venue,
      instrumentId: signal.instrumentId,
      direction: signal.direction,
      initialMargin: signal.initialMargin,
      fees: usdOf(fees),
      notional: signal.notional,
      riskAtStop: signal.riskAtStop,
      expiresAtMs: signal.expiresAtMs,
    },
    size: signal.size,
    remaining: signal.size,
    leverage: signal.leverage,
    stopLoss: signal.stopLoss,
    baseline: held?.size ?? zeroSize,
    legs: [],
  };
  const values = { available: show(available), pendingNotional: show(pendingNotional) };
  const left = { available: show(after), pendingNotional: show(pendingNotional.plus(asKept(cost.notional))) };
  return passed('reservation', values, left, 'Margin and fees leave what is available.', pending);
}
