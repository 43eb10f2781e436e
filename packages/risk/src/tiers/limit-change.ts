import { type RiskLimits, riskLimitsSchema } from '@perpdesk/core';
import { exact } from '../exact/exact.ts';
import { coolingOffDefaultMs } from '../exposure/losses-in-row.ts';

/** How long a raised limit waits before it holds: PRODUCT §2. */
export const raisedLimitDelayMs = 60_000;

/** What becomes of a wish to change limits. */
export interface LimitChange {
  /** Lowered or equal limits: they hold at once. */
  readonly now: Partial<RiskLimits>;
  /** Raised limits, from `effectiveAtMs` on. */
  readonly later: Partial<RiskLimits>;
  readonly effectiveAtMs: number;
  /** True when anything is raised: the user must authenticate again first. */
  readonly needsReauthentication: boolean;
}

type Limit = RiskLimits[keyof RiskLimits];

/**
 * Splits a change of limits into what lessens risk (at once) and what allows more (after re-authentication and a delay).
 * `current` are the limits that hold now, `wanted` those to change. Cross margin counts as more risk than isolated, having
 * no cap as more than any cap.
 * @throws ZodError when a wanted limit does not fit its schema.
 */
export function limitChange(current: RiskLimits, wanted: Partial<RiskLimits>, atMs: number): LimitChange {
  const entries = Object.entries(riskLimitsSchema.partial().parse(wanted)) as [keyof RiskLimits, Limit][];
  const raised = entries.filter(([name, value]) => allowsMore(name, current[name], value));
  const lowered = entries.filter(([name, value]) => !allowsMore(name, current[name], value));
  return {
    now: Object.fromEntries(lowered),
    later: Object.fromEntries(raised),
    effectiveAtMs: atMs + raisedLimitDelayMs,
    needsReauthentication: raised.length > 0,
  };
}

function allowsMore(name: keyof RiskLimits, present: Limit, wanted: Limit): boolean {
  // The one limit where less is more: a shorter pause.
  if (name === 'coolingOffMs') return exact(wanted ?? coolingOffDefaultMs).lessThan(present ?? coolingOffDefaultMs);
  if (wanted === undefined) return present !== undefined;
  if (wanted === 'cross' || wanted === 'isolated') return wanted === 'cross' && present === 'isolated';
  if (present === undefined || present === 'cross' || present === 'isolated') return false;
  return exact(wanted).greaterThan(present);
}
