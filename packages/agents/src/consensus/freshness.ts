import type { Opinion } from '@perpdesk/core';

/** How an opinion counts in a round. */
export type Freshness = 'fresh' | 'stale' | 'missing';

/**
 * Older than twice its agent's refresh is stale, than four times missing; the bound itself counts as the better state.
 * An agent that never spoke is missing.
 */
export function freshness(opinion: Pick<Opinion, 'atMs' | 'refreshMs'> | undefined, nowMs: number): Freshness {
  if (opinion === undefined) return 'missing';
  const ageMs = nowMs - opinion.atMs;
  if (ageMs > 4 * opinion.refreshMs) return 'missing';
  return ageMs > 2 * opinion.refreshMs ? 'stale' : 'fresh';
}
