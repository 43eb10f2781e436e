import { type DomainEventMap, isFresh, type User } from '@perpdesk/core';
import { show } from '../decision/show.ts';
import { portfolioLoss } from '../exposure/correlated-risk.ts';
import { dailyResult } from '../exposure/daily-loss.ts';
import { drawdownResult } from '../exposure/drawdown.ts';
import { lossesInRow } from '../exposure/losses-in-row.ts';
import { openMarkets, venueBook } from '../exposure/venue-book.ts';
import { weeklyResult } from '../exposure/weekly-loss.ts';
import type { RiskMemory } from '../state/risk-memory.ts';
import type { RiskState } from '../state/risk-state-store.ts';
import { limitCrossings } from '../warnings/limit-crossings.ts';
import { limitUsages } from '../warnings/limit-usage.ts';
import type { BrixOptions } from './brix-options.ts';
import type { DeskInputs } from './desk-inputs.ts';

/** What a look at the limits has to tell, and at which venues and user's day. */
export interface LimitNotice {
  readonly warning: DomainEventMap['limit.warned'];
  readonly day: string;
  /** Set when the user asked to be flattened at this. */
  readonly flatten?: DomainEventMap['flatten.requested'];
}

/** Looks at one user's use of the limits. `memory` is there when it has to be remembered. */
export function lookAtLimits(
  user: User,
  state: RiskState,
  options: Pick<BrixOptions, 'accounts' | 'correlation'> & { readonly inputs: DeskInputs; readonly atMs: number },
): { readonly notices: readonly LimitNotice[]; readonly memory?: RiskMemory } {
  const { accounts, inputs, atMs } = options;
  const limits = inputs.limits(user);
  const held = {
    positions: accounts.positions(user.id),
    openOrders: accounts.openOrders(user.id),
    pending: state.pending,
    atMs,
  };
  const openPositions = openMarkets(held).size;
  const notices: LimitNotice[] = [];
  let { memory } = state;
  for (const venue of inputs.venueNames(user)) {
    const account = accounts.account(user.id, venue);
    if (!isFresh(account)) continue;
    const daily = dailyResult(account.value, {
      viewOpen: accounts.dayOpenEquity(user.id, venue),
      memory,
      timeZone: user.timeZone,
      atMs,
    });
    if (daily.firstSeen !== undefined) memory = { ...memory, dayOpen: { ...memory.dayOpen, [venue]: daily.firstSeen } };
    const weekly = weeklyResult(account.value, { memory, timeZone: user.timeZone, atMs });
    if (weekly.firstSeen !== undefined)
      memory = { ...memory, weekOpen: { ...memory.weekOpen, [venue]: weekly.firstSeen } };
    const drawdown = drawdownResult(account.value, memory);
    // Remembered only for who has the limit: it moves with every new high.
    if (limits.maxDrawdown !== undefined && drawdown.higher !== undefined)
      memory = { ...memory, peak: { ...memory.peak, [venue]: drawdown.higher } };
    const { correlation } = options;
    const book = venueBook({
      ...held,
      account: account.value,
      instrument: inputs.instrument,
      ...(correlation === undefined ? {} : { correlation }),
    });
    const usages = limitUsages({
      limits,
      book,
      daily,
      openPositions,
      weekly,
      drawdown,
      lossesInRow: lossesInRow(memory, limits).count,
      ...(correlation === undefined || book.parts === undefined
        ? {}
        : { portfolioRisk: portfolioLoss(book.parts, correlation) }),
    });
    const { crossings, warned } = limitCrossings(usages, {
      venue,
      day: daily.day,
      warned: memory.warned,
    });
    if (warned !== memory.warned) memory = { ...memory, warned };
    for (const { limit, percent, used } of crossings) {
      const flattens = limit === 'daily-loss' && percent === 100 && user.flattenOnDailyLoss;
      notices.push({
        warning: { userId: user.id, venue, limit, percent, actual: show(used) },
        day: daily.day,
        ...(flattens ? { flatten: { userId: user.id, venue, reason: 'daily-loss' as const } } : {}),
      });
    }
  }
  return { notices, ...(memory === state.memory ? {} : { memory }) };
}
