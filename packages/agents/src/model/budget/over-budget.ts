import { ModelError } from '@perpdesk/core';
import { usdOfMicro } from '../price/cost.ts';
import { tokensOf } from './accounts.ts';
import type { BudgetScope, Reservation, ReserveOutcome, Spending, SpendingLimit } from './model-ledger.ts';

type Bound = Omit<Extract<ReserveOutcome, { outcome: 'refused' }>, 'outcome' | 'scope'> & {
  readonly scope: BudgetScope | 'call';
};

/** The typed outcome of a question that its budget keeps from being asked: which budget, and the numbers. */
export function overBudget(bound: Bound, asked: Spending, { context }: Pick<Reservation, 'context'>): ModelError {
  const { scope, measure, limit, spent } = bound;
  const whose: Readonly<Record<Bound['scope'], string>> = {
    call: 'of a question',
    round: `of the round ${context.roundKey ?? ''}`.trim(),
    day: 'of the day',
    user: 'of the user for the day',
  };
  const taken = scope === 'call' ? '' : `${amount(measure, spent)} are spent or reserved and `;
  return new ModelError(
    'model.over-budget',
    `The budget ${whose[scope]} is ${amount(measure, limit)}; ${taken}this question may take ${amount(measure, measured(measure, asked))}.`,
    { usage: { inputTokens: 0, outputTokens: 0 } },
  );
}

/** What a question may take, in the measure of a limit. */
export const measured = (measure: keyof SpendingLimit, spending: Spending): number =>
  measure === 'tokens' ? tokensOf(spending) : spending[measure];

function amount(measure: keyof SpendingLimit, value: number): string {
  if (measure === 'microUsd') return `$${usdOfMicro(value)}`;
  return measure === 'tokens' ? `${value} tokens` : `${value} ms`;
}
