import type { Rejection, RejectionCode } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import type { Exact } from '../exact/exact.ts';
import type { ExposureContext } from './exposure-context.ts';

/** One limit on a position's size, from both ends: how large it may be, and what a given size makes of it. */
export interface ExposureLimit {
  readonly step: string;
  readonly code: RejectionCode;
  readonly message: string;
  /** The largest size it allows, not rounded to the lot; undefined where it does not bind. Not above zero: no room. */
  allows(context: ExposureContext, leverage: number): Exact | undefined;
  /** The limit and what `size` makes of it, exactly. */
  measure(
    size: Exact,
    context: ExposureContext,
    leverage: number,
  ): { readonly limit: Exact; readonly actual: Exact } | undefined;
}

/** Refuses a size that is over a limit. */
export function overLimit(
  limit: ExposureLimit,
  size: Exact,
  context: ExposureContext,
  leverage: number,
): Rejection | undefined {
  const measured = limit.measure(size, context, leverage);
  if (measured === undefined || measured.actual.lessThanOrEqualTo(measured.limit)) return undefined;
  return refusal(limit.code, limit.message, measured.limit, measured.actual);
}

/** The first limit that a size is over, refused. */
export function firstOverLimit(
  limits: readonly ExposureLimit[],
  size: Exact,
  context: ExposureContext,
  leverage: number,
): Rejection | undefined {
  for (const limit of limits) {
    const over = overLimit(limit, size, context, leverage);
    if (over !== undefined) return over;
  }
  return undefined;
}

/** Initial margin of a size, to the digit that a reservation holds it. */
export const marginOfSize = (size: Exact, context: ExposureContext, leverage: number): Exact =>
  size.times(context.entry).dividedBy(leverage);

/** Fees and loss at the stop of one unit. */
export const riskOfUnit = ({ unitCost, unitLoss, unitFees }: ExposureContext): Exact =>
  unitCost ?? unitLoss.plus(unitFees);

/** Fees and loss at the stop of a size. */
export const riskOfSize = (size: Exact, context: ExposureContext): Exact => size.times(riskOfUnit(context));
