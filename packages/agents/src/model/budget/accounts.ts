import type { ModelCallContext } from '@perpdesk/core';
import { usdOfMicro } from '../price/cost.ts';
import type {
  BudgetScope,
  ModelSpend,
  Reservation,
  ReserveOutcome,
  Spending,
  SpendingLimit,
  SpendingQuery,
} from './model-ledger.ts';

/** A count of the ledger: its scope and what of it. */
export interface Account {
  readonly scope: BudgetScope | 'user-ever' | 'trace';
  readonly key: string;
}

/** What an account holds. */
export interface Balance extends Spending {
  readonly calls: number;
  readonly failedCalls: number;
}

export const emptyBalance: Balance = {
  calls: 0,
  failedCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  microUsd: 0,
  modelMs: 0,
};

/** The UTC day of an instant, as `2025-07-21`. */
export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

const userDay = (userId: string, day: string): Account => ({ scope: 'user', key: `${day} ${userId}` });

/** The accounts a question is booked on, always in this order. */
export function accountsOf({ roundKey, traceId, userId }: ModelCallContext, atMs: number): readonly Account[] {
  const day = dayOf(atMs);
  return [
    { scope: 'day', key: day },
    ...(userId === undefined ? [] : [userDay(userId, day), { scope: 'user-ever', key: userId } as const]),
    ...(roundKey === undefined ? [] : [{ scope: 'round', key: roundKey } as const]),
    ...(traceId === undefined ? [] : [{ scope: 'trace', key: traceId } as const]),
  ];
}

/** The account that answers a query. */
export function accountAsked(query: SpendingQuery): Account {
  if ('roundKey' in query) return { scope: 'round', key: query.roundKey };
  if ('traceId' in query) return { scope: 'trace', key: query.traceId };
  if ('userId' in query)
    return query.day === undefined ? { scope: 'user-ever', key: query.userId } : userDay(query.userId, query.day);
  return { scope: 'day', key: query.day };
}

/** The limit of an account, where it has one. */
export const limitOf = ({ scope }: Account, limits: Reservation['limits']): SpendingLimit | undefined =>
  scope === 'trace' || scope === 'user-ever' ? undefined : limits[scope];

/** Why a balance can not take more, or undefined where it can. */
export function refusalOf(
  { scope }: Account,
  limit: SpendingLimit | undefined,
  balance: Balance,
  more: Spending,
): Extract<ReserveOutcome, { outcome: 'refused' }> | undefined {
  if (limit === undefined || scope === 'trace' || scope === 'user-ever') return undefined;
  const measures = [
    ['microUsd', limit.microUsd, balance.microUsd, more.microUsd],
    ['tokens', limit.tokens, tokensOf(balance), tokensOf(more)],
    ['modelMs', limit.modelMs, balance.modelMs, more.modelMs],
  ] as const;
  for (const [measure, bound, spent, asked] of measures) {
    if (bound !== undefined && spent + asked > bound)
      return { outcome: 'refused', scope, measure, limit: bound, spent };
  }
  return undefined;
}

export const tokensOf = ({ inputTokens, outputTokens }: Spending): number => inputTokens + outputTokens;

/** What a settlement changes in an account: what was taken less what was reserved. */
export const correctionOf = (reserved: Spending, taken: Spending): Spending => ({
  inputTokens: taken.inputTokens - reserved.inputTokens,
  outputTokens: taken.outputTokens - reserved.outputTokens,
  microUsd: taken.microUsd - reserved.microUsd,
  modelMs: taken.modelMs - reserved.modelMs,
});

export const spendOf = ({ calls, failedCalls, inputTokens, outputTokens, microUsd, modelMs }: Balance): ModelSpend => ({
  calls,
  failedCalls,
  inputTokens,
  outputTokens,
  usd: usdOfMicro(microUsd),
  modelMs,
});
