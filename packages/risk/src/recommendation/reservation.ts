import { type Signal, zeroSize } from '@perpdesk/core';
import { show } from '../decision/show.ts';
import { passed, type StepResult } from '../decision/step-result.ts';
import { usdOf } from '../exact/branded.ts';
import type { Exact } from '../exact/exact.ts';
import type { ExposureContext } from '../exposure/exposure-context.ts';
import { marginOfSize, riskOfSize } from '../exposure/exposure-limit.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import type { PendingEntry } from '../state/pending-entry.ts';

type Money = Pick<Signal, 'notional' | 'initialMargin' | 'riskAtStop'>;

/** What a size costs: notional, initial margin, loss at the stop with fees. */
export const costOfSize = (size: Exact, context: ExposureContext, leverage: number): Money => ({
  notional: usdOf(size.times(context.entry)),
  initialMargin: usdOf(marginOfSize(size, context, leverage)),
  riskAtStop: usdOf(riskOfSize(size, context)),
});

/** Step 5: what the signal holds back until it is filled, cancelled or over. Its shell commits it. */
export function reserve(
  signal: Signal,
  context: ExposureContext,
  held: HeldPosition | undefined,
): StepResult<PendingEntry> {
  const { available } = context.book;
  const fees = usdOf(context.unitFees.times(signal.size));
  const after = available.minus(signal.initialMargin).minus(fees);
  const pending: PendingEntry = {
    reservation: {
      id: signal.reservationId,
      userId: signal.userId,
      signalId: signal.id,
      venue: signal.venue,
      instrumentId: signal.instrumentId,
      direction: signal.direction,
      initialMargin: signal.initialMargin,
      fees,
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
  const values = { available: show(available), pendingNotional: show(context.book.pendingNotional) };
  const left = { available: show(after), pendingNotional: show(context.book.pendingNotional.plus(signal.notional)) };
  return passed('reservation', values, left, 'Margin and fees leave what is available.', pending);
}
