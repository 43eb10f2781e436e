import type { RiskMemory } from '../state/risk-memory.ts';
import type { LimitUsage, WarnedLimit } from './limit-usage.ts';

/** Shares of a limit at which its user is told, in percent. */
export const warningLevels = [50, 75, 90, 100] as const;
export type WarningLevel = (typeof warningLevels)[number];

/** A level that was reached and not told yet. */
export interface LimitCrossing {
  readonly limit: WarnedLimit;
  readonly percent: WarningLevel;
  readonly used: LimitUsage['used'];
}

/**
 * Which levels were newly reached: the highest per limit. A level is told again only after use fell a fifth below it, the
 * losses of a day or a week also in a new one. `warned` is the one that was given where nothing changes.
 */
export function limitCrossings(
  usages: readonly LimitUsage[],
  options: { readonly venue: string; readonly day: string; readonly warned: RiskMemory['warned'] },
): { readonly crossings: readonly LimitCrossing[]; readonly warned: RiskMemory['warned'] } {
  const crossings: LimitCrossing[] = [];
  const changed: Record<string, RiskMemory['warned'][string]> = {};
  for (const { limit, used, period } of usages) {
    const key = `${limit}@${options.venue}`;
    const before = options.warned[key];
    const day = period ?? options.day;
    const told = before === undefined || (period !== undefined && before.day !== period) ? 0 : before.percent;
    const percent = used.times(100);
    const reached = warningLevels.findLast((level) => percent.greaterThanOrEqualTo(level));
    if (reached !== undefined && reached > told) {
      crossings.push({ limit, percent: reached, used });
      changed[key] = { percent: reached, day };
    } else if (percent.lessThan(told * 0.8)) {
      changed[key] = { percent: reached ?? 0, day };
    }
  }
  // Mostly nothing is reached anew.
  for (const _ in changed) return { crossings, warned: { ...options.warned, ...changed } };
  return { crossings, warned: options.warned };
}
