import { refusal } from '../decision/refusal.ts';
import { accountLossRefused, coolingOffRefused } from '../exposure/loss-limits.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** At a loss limit (day, week, drawdown) there is no new risk, nor for a while after too many losses in a row. */
export const lossLimits: OrderControl<EntryInput> = {
  name: 'loss-limits',
  check: (input) =>
    input.account === undefined
      ? refusal('account.unknown', 'The account is not known.', 'known', 'unknown')
      : (accountLossRefused(input, input.account.value, input.dayOpenEquity) ?? coolingOffRefused(input)),
};
