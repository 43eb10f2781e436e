import type { Account, Rejection, RiskLimits, Usd, User } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { figure } from '../exact/figure.ts';
import type { RiskMemory } from '../state/risk-memory.ts';
import { dailyResult } from './daily-loss.ts';
import { drawdownResult } from './drawdown.ts';
import { lossesInRow } from './losses-in-row.ts';
import { weeklyResult } from './weekly-loss.ts';

/** What losses are reckoned from. */
export interface LossInput {
  readonly memory: RiskMemory;
  readonly user: Pick<User, 'timeZone'>;
  readonly limits: RiskLimits;
  readonly atMs: number;
}

/** Refuses new risk while an account's loss of the day, of the week or from its highest equity has reached its limit. */
export function accountLossRefused(
  input: LossInput,
  account: Account,
  dayOpenEquity: Usd | undefined,
): Rejection | undefined {
  const { memory, user, limits, atMs } = input;
  const options = { viewOpen: dayOpenEquity, memory, timeZone: user.timeZone, atMs };
  const daily = dailyResult(account, options);
  const dayLimit = daily.open.times(figure(limits.dailyLoss));
  // Asked this way round so that a figure that is no number refuses too.
  if (!daily.loss.lessThan(dayLimit))
    return refusal('daily-loss.limit', `Today's loss at ${account.venue} has reached the limit.`, dayLimit, daily.loss);
  if (limits.weeklyLoss !== undefined) {
    const { open, loss } = weeklyResult(account, options);
    const limit = open.times(limits.weeklyLoss);
    if (!loss.lessThan(limit))
      return refusal('weekly-loss.limit', `The week's loss at ${account.venue} has reached the limit.`, limit, loss);
  }
  if (limits.maxDrawdown !== undefined) {
    const { peak, loss } = drawdownResult(account, memory);
    const limit = peak.times(limits.maxDrawdown);
    if (!loss.lessThan(limit))
      return refusal('drawdown.limit', `The drawdown at ${account.venue} has reached the limit.`, limit, loss);
  }
  return undefined;
}

/** Refuses new risk for a while after so many losing trades in a row. */
export function coolingOffRefused({ memory, limits, atMs }: LossInput): Rejection | undefined {
  if (limits.maxLossesInRow === undefined) return undefined;
  const { count, untilMs } = lossesInRow(memory, limits);
  return count < limits.maxLossesInRow || atMs >= untilMs
    ? undefined
    : refusal(
        'losses.cooling-off',
        `After so many losses in a row there is no new risk before ${new Date(untilMs).toISOString()}.`,
        limits.maxLossesInRow,
        count,
      );
}
