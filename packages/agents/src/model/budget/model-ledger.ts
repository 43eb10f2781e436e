import type { ModelCallContext } from '@perpdesk/core';

/** What a question took, or may take at most. Whole numbers. */
export interface Spending {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Millionths of a dollar. */
  readonly microUsd: number;
  /** How long the model took. */
  readonly modelMs: number;
}

/** What may be spent in a scope, in the ledger's units. */
export interface SpendingLimit {
  readonly microUsd?: number;
  readonly tokens?: number;
  readonly modelMs?: number;
}

/** The scopes that a budget may bound. */
export type BudgetScope = 'day' | 'user' | 'round';

/** A question that is about to be asked. */
export interface Reservation {
  readonly context: ModelCallContext;
  readonly atMs: number;
  /** The most it may take. */
  readonly spending: Spending;
  readonly limits: Readonly<Partial<Record<BudgetScope, SpendingLimit>>>;
}

/** A question that may be asked, or the bound that keeps it from being. */
export type ReserveOutcome =
  | { readonly outcome: 'reserved' }
  | {
      readonly outcome: 'refused';
      readonly scope: BudgetScope;
      readonly measure: keyof SpendingLimit;
      readonly limit: number;
      /** Spent and reserved before. */
      readonly spent: number;
    };

/** How a reserved question ended. */
export interface Settlement {
  readonly reservation: Reservation;
  /** What it took; what nobody can know is what was reserved. */
  readonly spending: Spending;
  readonly succeeded: boolean;
}

/** Whose spending is asked for: of one round, decision, user (on a day or ever) or UTC day such as `2025-07-21`. */
export type SpendingQuery =
  | { readonly roundKey: string }
  | { readonly traceId: string }
  | { readonly userId: string; readonly day?: string }
  | { readonly day: string };

/** What was spent, what questions under way may take included. */
export interface ModelSpend {
  readonly calls: number;
  /** Of the calls, those without a usable answer. */
  readonly failedCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  readonly modelMs: number;
}

/**
 * What was spent on models, by day, user, round and decision. Reserving is one step: of questions asked at once, none passes a
 * limit. What was reserved and never settled, because a process died, stays counted.
 */
export interface ModelLedger {
  /** Makes it ready; to be called before the first question. @throws StoreError */
  open(): Promise<void>;
  /** Counts a question as the most it may take, unless a limit would be passed. @throws StoreError */
  reserve(reservation: Reservation): Promise<ReserveOutcome>;
  /** Counts a reserved question as what it took. @throws StoreError */
  settle(settlement: Settlement): Promise<void>;
  /** @throws StoreError */
  spent(query: SpendingQuery): Promise<ModelSpend>;
  /** Forgets what was last changed before an instant. @throws StoreError */
  prune(beforeMs: number): Promise<void>;
}
