import type { Account } from '@perpdesk/core';
import { type Exact, exact } from '../exact/exact.ts';
import type { RiskMemory } from '../state/risk-memory.ts';

/** How far an account is below its highest equity. */
export interface DrawdownResult {
  /** The highest equity, moved by what was deposited or withdrawn since. */
  readonly peak: Exact;
  /** peak − equity, never below zero. */
  readonly loss: Exact;
  /** To be remembered: a higher equity than any before. */
  readonly higher?: RiskMemory['peak'][string];
}

/**
 * Loss from the highest equity seen. The peak is that of equity − deposits, so that a transfer is neither a gain nor a loss; it is
 * seen when limits are looked at (each minute in a desk) and at the present.
 */
export function drawdownResult(account: Account, memory: Pick<RiskMemory, 'peak'>): DrawdownResult {
  const equity = exact(account.equity);
  const seen = memory.peak[account.venue];
  const higher = { equity: account.equity, deposits: account.deposits };
  if (seen === undefined) return { peak: equity, loss: exact(0), higher };
  const peak = exact(seen.equity).minus(seen.deposits).plus(account.deposits);
  return equity.greaterThan(peak) ? { peak: equity, loss: exact(0), higher } : { peak, loss: peak.minus(equity) };
}
