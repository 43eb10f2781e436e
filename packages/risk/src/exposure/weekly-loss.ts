import type { Account } from '@perpdesk/core';
import { type Exact, exact, zero } from '../exact/exact.ts';
import type { RiskMemory } from '../state/risk-memory.ts';
import { localWeek } from './local-day.ts';

/** How a user's week stands at one venue. */
export interface WeeklyResult {
  /** Its Monday, as `2026-03-23`. */
  readonly week: string;
  /** Equity the week began with, moved by what was deposited or withdrawn since. */
  readonly open: Exact;
  /** open − equity with unrealised PnL; negative in a winning week. */
  readonly loss: Exact;
  /** To be remembered: the first sight of this week. */
  readonly firstSeen?: RiskMemory['weekOpen'][string];
}

/** The user's loss since their Monday, in their time zone; the first equity seen in the week stands for its open. */
export function weeklyResult(
  account: Account,
  options: { readonly memory: RiskMemory; readonly timeZone: string; readonly atMs: number },
): WeeklyResult {
  const week = localWeek(options.timeZone, options.atMs);
  const equity = exact(account.equity);
  const seen = options.memory.weekOpen[account.venue];
  if (seen?.week === week) {
    const open = exact(seen.equity).plus(account.deposits).minus(seen.deposits);
    return { week, open, loss: open.minus(equity) };
  }
  const firstSeen = { week, equity: account.equity, deposits: account.deposits };
  return { week, open: equity, loss: zero, firstSeen };
}
