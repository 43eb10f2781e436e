import { refusal } from '../decision/refusal.ts';
import { dailyResult } from '../exposure/daily-loss.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** At the daily loss limit there is no new risk until the user's next day. */
export const dailyLoss: OrderControl<EntryInput> = {
  name: 'daily-loss',
  check: ({ account, dayOpenEquity, memory, user, limits, atMs }) => {
    if (account === undefined) return refusal('account.unknown', 'The account is not known.', 'known', 'unknown');
    const { open, loss } = dailyResult(account.value, {
      viewOpen: dayOpenEquity,
      memory,
      timeZone: user.timeZone,
      atMs,
    });
    const limit = open.times(limits.dailyLoss);
    return loss.lessThan(limit)
      ? undefined
      : refusal('daily-loss.limit', "Today's loss has reached the limit.", limit, loss);
  },
};
