import type { Account, Usd } from '@perpdesk/core';
import { type Exact, exact } from '../exact/exact.ts';
import type { RiskMemory } from '../state/risk-memory.ts';
import { localDay } from './local-day.ts';

/** How a user's day stands at one venue. */
export interface DailyResult {
  readonly day: string;
  /** Equity the day began with, moved by what was deposited or withdrawn since. */
  readonly open: Exact;
  /** open − equity with unrealised PnL; negative on a winning day. */
  readonly loss: Exact;
  /** To be remembered: the first sight of this day. */
  readonly firstSeen?: RiskMemory['dayOpen'][string];
}

/**
 * The user's loss today: PRODUCT §2. The day is the user's (time zone), transfers do not count. `viewOpen` is the account
 * view's day-open equity; without one the first equity seen in the day stands for it.
 */
export function dailyResult(
  account: Account,
  options: {
    readonly viewOpen: Usd | undefined;
    readonly memory: RiskMemory;
    readonly timeZone: string;
    readonly atMs: number;
  },
): DailyResult {
  const day = localDay(options.timeZone, options.atMs);
  const equity = exact(account.equity);
  if (options.viewOpen !== undefined) {
    const open = exact(options.viewOpen);
    return { day, open, loss: open.minus(equity) };
  }
  const seen = options.memory.dayOpen[account.venue];
  if (seen?.day === day) {
    const open = exact(seen.equity).plus(account.deposits).minus(seen.deposits);
    return { day, open, loss: open.minus(equity) };
  }
  return {
    day,
    open: equity,
    loss: exact(0),
    firstSeen: { day, equity: account.equity, deposits: account.deposits },
  };
}
