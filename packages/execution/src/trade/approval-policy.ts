import { compare, type Decimal, type Rejection, type Signal, type User } from '@perpdesk/core';

/** What a user's autonomy makes of a signal. */
export type ApprovalVerdict =
  /** Goes out by itself. */
  | { readonly verdict: 'approved' }
  /** Waits for the user. */
  | { readonly verdict: 'ask'; readonly reason: string }
  /** Is only shown. */
  | { readonly verdict: 'declined'; readonly rejection: Rejection };

/**
 * PRODUCT §3: monitor logs, suggest asks, auto-bounded acts inside the user's bounds and asks beyond them, full-auto acts.
 * `tradesToday`: signals of the user that were approved since the user's day began.
 */
export function approvalVerdict(
  user: Pick<User, 'autonomy' | 'bounds'>,
  signal: Pick<Signal, 'notional' | 'confidence'>,
  tradesToday: number,
): ApprovalVerdict {
  const { autonomy, bounds } = user;
  switch (autonomy) {
    case 'monitor':
      return {
        verdict: 'declined',
        rejection: {
          code: 'approval.declined',
          message: 'The user watches: autonomy is monitor.',
          limit: 'suggest',
          actual: 'monitor',
        },
      };
    case 'suggest':
      return { verdict: 'ask', reason: 'Autonomy is suggest.' };
    case 'full-auto':
      return { verdict: 'approved' };
    case 'auto-bounded':
      if (compare(signal.notional, bounds.maxNotional) > 0) {
        return { verdict: 'ask', reason: `Notional ${signal.notional} is over the user's ${bounds.maxNotional}.` };
      }
      if (signal.confidence < bounds.minConfidence) {
        return {
          verdict: 'ask',
          reason: `Confidence ${signal.confidence} is under the user's ${bounds.minConfidence}.`,
        };
      }
      if (tradesToday >= bounds.maxTradesPerDay) {
        return { verdict: 'ask', reason: `${tradesToday} trades today reach the user's ${bounds.maxTradesPerDay}.` };
      }
      return { verdict: 'approved' };
  }
}

/** How far the price may run from a plan's entry before an approval is void: half the way to the stop. */
const driftShare = 0.5;

/** Refuses an approved signal when the price has drifted past the bound, in either direction. Prices are float mids. */
export function approvalDrift(
  { entry, stopLoss }: { readonly entry: Decimal; readonly stopLoss: Decimal },
  price: number,
): Rejection | undefined {
  const bound = entry.minus(stopLoss).abs().times(driftShare);
  const drift = entry.minus(price).abs();
  if (drift.lessThanOrEqualTo(bound)) return undefined;
  return {
    code: 'approval.drifted',
    message: `The price has moved ${drift.toFixed()} from the entry, more than ${bound.toFixed()}.`,
    limit: bound.toFixed(),
    actual: drift.toFixed(),
  };
}
