import { ConfigError } from '@perpdesk/core';

/** What may be spent on models; what is left out has no bound. */
export interface ModelBudget {
  /** Dollars, by the model's prices. */
  readonly usd?: number;
  /** Tokens in and out, thinking included. */
  readonly tokens?: number;
  /** Time of models, in milliseconds: of questions asked side by side, the sum. */
  readonly ms?: number;
}

/**
 * What one round may cost, over all its agents and the wording of its plan. A question that would pass it is not asked
 * (`model.over-budget`): the agent's rules answer instead, and the round goes on.
 */
export type RoundBudget = ModelBudget;

/** The budgets a question must fit into, each of them. */
export interface ModelBudgets {
  /** Of one question, its repair included. Its `ms` shortens the question's time rather than refuse it. */
  readonly call?: ModelBudget;
  /** Of each round (`context.roundKey`). */
  readonly round?: RoundBudget;
  /** Of a UTC day, over all that the ledger keeps. */
  readonly day?: ModelBudget;
  /** Of each user (`context.userId`) and UTC day. */
  readonly user?: ModelBudget;
}

/** @throws ConfigError `model.budget` */
export function checkBudgets(budgets: ModelBudgets): void {
  for (const [scope, budget] of Object.entries(budgets)) {
    for (const [measure, value] of Object.entries(budget ?? {})) {
      if (!(typeof value === 'number' && Number.isFinite(value) && value >= 0))
        throw new ConfigError('model.budget', `The budget ${scope}.${measure} must be a number from 0, not ${value}.`);
    }
  }
}

/** True where one of the budgets is in dollars. */
export const hasDollars = ({ call, round, day, user }: ModelBudgets): boolean =>
  [call, round, day, user].some((budget) => budget?.usd !== undefined);
