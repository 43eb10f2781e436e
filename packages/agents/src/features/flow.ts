import type { DerivativesView, InstrumentId } from '@perpdesk/core';
import type { Features } from './feature-set.ts';
import { readOpenInterest } from './open-interest.ts';

const windowMs = 3_600_000;
/** A venue's open interest that moved by less, in percent, neither builds nor unwinds. */
const leastPercent = 0.1;

/**
 * Flow across a market's venues over the last hour: `venues` with open interest and `build` (their dollar-weighted share that builds
 * less that unwinds, −1 to 1; from two venues on), `liquidations` (dollars of shorts less longs closed by force over all,
 * −1 to 1) and `liquidatedUsd`. Absent where no venue tells either.
 */
export function readFlow(view: DerivativesView, venues: readonly InstrumentId[], atMs: number): Features | undefined {
  const built = buildOf(view, venues, atMs);
  const liquidated = liquidationsOf(view, venues);
  if (built === undefined && liquidated === undefined) return undefined;
  return { ...built, ...liquidated };
}

function buildOf(view: DerivativesView, venues: readonly InstrumentId[], atMs: number): Features | undefined {
  let total = 0;
  let net = 0;
  let count = 0;
  for (const id of venues) {
    const change = readOpenInterest(view, id, atMs);
    if (change === undefined || !(change.notionalUsd > 0)) continue;
    count += 1;
    total += change.notionalUsd;
    if (Math.abs(change.percent) >= leastPercent) net += Math.sign(change.percent) * change.notionalUsd;
  }
  return count >= 2 ? { venues: count, build: net / total } : undefined;
}

function liquidationsOf(view: DerivativesView, venues: readonly InstrumentId[]): Features | undefined {
  let shorts = 0;
  let longs = 0;
  for (const id of venues) {
    for (const { side, price, size } of view.liquidations(id, windowMs)) {
      if (side === 'buy') shorts += price * size;
      else longs += price * size;
    }
  }
  const total = shorts + longs;
  return total > 0 ? { liquidations: (shorts - longs) / total, liquidatedUsd: total } : undefined;
}
