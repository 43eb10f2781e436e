import { type Instrument, maximum } from '@perpdesk/core';
import type { Holding } from '../portfolio/portfolio.ts';
import { adoptedPrefix, fallbackPlan } from './fallback-plan.ts';
import type { GuardRow, Standing } from './guard-store.ts';

/**
 * What protects a position, by what is kept: the newest plan among the trades that entered it; where there is none the
 * stop of last resort, which is set once. A plan of a trade that has not filled protects nothing.
 */
export function standingOf(row: GuardRow, { number, position, tradeIds }: Holding, instrument: Instrument): Standing {
  const before = row.standing?.number === number ? row.standing : undefined;
  const own = row.plans.findLast((plan) => tradeIds.includes(plan.tradeId));
  // A stop of last resort is where the price was when it was laid, not when the position was first seen.
  const kept = before !== undefined && (!isAdopted(before) || 'stop' in before.slots) ? before.plan : undefined;
  const plan = own ?? kept ?? fallbackPlan(position, instrument);
  if (before === undefined) return { number, plan, plannedSize: position.size, slots: {} };
  // The orders that rest go on under another plan: they are moved, not laid anew.
  return before.plan === plan ? before : { ...before, plan };
}

/** True for the protection of a position that nobody planned. */
export const isAdopted = ({ plan }: Standing): boolean => plan.tradeId.startsWith(adoptedPrefix);

/** The same with the size its targets are parts of: all that the position was made of. */
export function withPlannedSize(standing: Standing, { entered, position }: Holding): Standing {
  const plannedSize = maximum(standing.plannedSize, maximum(entered, position.size));
  return plannedSize === standing.plannedSize ? standing : { ...standing, plannedSize };
}
