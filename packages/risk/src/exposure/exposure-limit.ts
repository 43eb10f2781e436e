import { Decimal, initialMargin, type Rejection, type RejectionCode, toUsd } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import type { ExposureContext } from './exposure-context.ts';

/** One limit on a position's size, from both ends: how large it may be, and what a given size makes of it. */
export interface ExposureLimit {
  readonly step: string;
  readonly code: RejectionCode;
  readonly message: string;
  /** The largest size it allows, not rounded to the lot; undefined where it does not bind. Not above zero: no room. */
  allows(context: ExposureContext, leverage: number): Decimal | undefined;
  /** The limit and what `size` makes of it, exactly. */
  measure(
    size: Decimal,
    context: ExposureContext,
    leverage: number,
  ): { readonly limit: Decimal; readonly actual: Decimal } | undefined;
}

/** Refuses a size that is over a limit. */
export function overLimit(
  limit: ExposureLimit,
  size: Decimal,
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
  size: Decimal,
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
export const marginOfSize = (size: Decimal, context: ExposureContext, leverage: number): Decimal =>
  new Decimal(initialMargin(toUsd(size.times(context.entry)), leverage));

/** Fees and loss at the stop of a size. */
export const riskOfSize = (size: Decimal, context: ExposureContext): Decimal =>
  size.times(context.unitLoss.plus(context.unitFees));
