import { autonomyOf, compare, type Decimal, type Rejection, type Signal, signalAgent, type User } from '@perpdesk/core';
import type { PolicyHold } from './policy-holds.ts';

/** What a user's autonomy makes of a signal. */
export type ApprovalVerdict =
  /** Goes out by itself. */
  | { readonly verdict: 'approved' }
  /** Waits for the user. */
  | { readonly verdict: 'ask'; readonly reason: string }
  /** Is only shown. */
  | { readonly verdict: 'declined'; readonly rejection: Rejection };

/**
 * PRODUCT §3: monitor logs, suggest asks, auto-bounded acts inside the user's bounds and asks beyond them, full-auto acts. The
 * stricter of the user's autonomy and that of the agent whose plan it is counts. A policy that holds makes of what would go out
 * by itself a question, or declines it; one that declines declines also what would be asked.
 * `tradesToday`: signals of the user that were approved since the user's day began.
 */
export function approvalVerdict(
  user: Pick<User, 'autonomy' | 'agentAutonomy' | 'bounds'>,
  signal: Pick<Signal, 'notional' | 'confidence'>,
  tradesToday: number,
  holds: readonly PolicyHold[] = [],
): ApprovalVerdict {
  const autonomy = autonomyOf(user, signalAgent);
  if (autonomy === 'monitor') {
    const message =
      user.autonomy === 'monitor'
        ? 'The user watches: autonomy is monitor.'
        : `The user watches ${signalAgent}: its autonomy is monitor.`;
    return {
      verdict: 'declined',
      rejection: { code: 'approval.declined', message, limit: 'suggest', actual: 'monitor' },
    };
  }
  const declining = holds.find(({ otherwise }) => otherwise === 'decline');
  if (declining !== undefined) return { verdict: 'declined', rejection: heldBack(declining) };
  const reasons = [
    ...(autonomy === 'suggest' ? ['Autonomy is suggest.'] : []),
    ...holds.map(({ reason }) => reason),
    ...(autonomy === 'auto-bounded' ? beyondBounds(user.bounds, signal, tradesToday) : []),
  ];
  return reasons.length === 0 ? { verdict: 'approved' } : { verdict: 'ask', reason: reasons.join(' ') };
}

/** What a policy says of what it keeps back. */
export const heldBack = ({ policy, reason }: PolicyHold): Rejection => ({
  code: 'policy.held',
  message: reason,
  limit: policy,
});

/** The first bound that a signal is beyond, in words. */
function beyondBounds(
  bounds: User['bounds'],
  signal: Pick<Signal, 'notional' | 'confidence'>,
  tradesToday: number,
): readonly string[] {
  if (compare(signal.notional, bounds.maxNotional) > 0)
    return [`Notional ${signal.notional} is over the user's ${bounds.maxNotional}.`];
  if (signal.confidence < bounds.minConfidence)
    return [`Confidence ${signal.confidence} is under the user's ${bounds.minConfidence}.`];
  return tradesToday >= bounds.maxTradesPerDay
    ? [`${tradesToday} trades today reach the user's ${bounds.maxTradesPerDay}.`]
    : [];
}

/** How far the price may run before an approval is void: half the way to the stop. */
const driftShare = 0.5;

/**
 * Refuses an approved signal when the price has drifted past the bound, in either direction, from the plan's entry, or from
 * where it was when the user edited the plan. Prices are float mids.
 */
export function approvalDrift(
  { entry, stopLoss, from }: { readonly entry: Decimal; readonly stopLoss: Decimal; readonly from?: Decimal },
  price: number,
): Rejection | undefined {
  const anchor = from ?? entry;
  const bound = anchor.minus(stopLoss).abs().times(driftShare);
  const drift = anchor.minus(price).abs();
  if (drift.lessThanOrEqualTo(bound)) return undefined;
  const where = from === undefined ? 'the entry' : 'where it was when the plan was edited';
  return {
    code: 'approval.drifted',
    message: `The price has moved ${drift.toFixed()} from ${where}, more than ${bound.toFixed()}.`,
    limit: bound.toFixed(),
    actual: drift.toFixed(),
  };
}
