import type { Usd } from '../decimal.ts';
import type { OrderIntent } from '../domain/order.ts';
import type { Recommendation } from '../domain/recommendation.ts';
import type { Rejection, RiskStep } from '../domain/risk-decision.ts';
import type { RiskDecision, Signal } from '../domain/signal.ts';
import type { ApprovedOrder } from './approved-order.ts';
import type { DatabaseTransaction } from './database-transaction.ts';

/** Door 2's answer for one leg. Single use: ask again for each send. */
export type OrderDecision =
  | {
      readonly outcome: 'approved';
      readonly id: string;
      readonly order: ApprovedOrder;
      readonly steps: readonly RiskStep[];
    }
  | {
      readonly outcome: 'rejected';
      readonly id: string;
      readonly rejection: Rejection;
      readonly steps: readonly RiskStep[];
    };

/** Brix's answer to a signal that its user changed before anything of it was sent. */
export type SignalRevision =
  /** As it may be approved now: its notional, margin and risk are those of the change, and are held back. */
  | { readonly outcome: 'revised'; readonly signal: Signal; readonly steps: readonly RiskStep[] }
  /** What was held back for it as it was stays held. */
  | { readonly outcome: 'rejected'; readonly rejection: Rejection; readonly steps: readonly RiskStep[] };

/**
 * Writes what the caller must have kept of a leg before it may leave, in the transaction that keeps the decision. The
 * authorisation ends at `expiresAtMs` at the latest. What it throws takes the decision back: nothing of it is kept.
 */
export type KeepWithDecision = (transaction: DatabaseTransaction, expiresAtMs: number) => Promise<void>;

/** Brix as others see it. Acting methods never throw on an outcome. */
export interface RiskGate {
  /** Door 1: the recommendation for every active user, all loaded in one batch. One decision each, reservations committed. */
  filter(recommendation: Recommendation, options?: { readonly signal?: AbortSignal }): Promise<readonly RiskDecision[]>;
  /** Door 2: one leg of anybody. Exits, reduce-only and protective legs pass without model, bus or writable database. */
  authorize(
    intent: OrderIntent,
    options?: {
      /**
       * Called at most once, for new risk that passes, where the gate keeps its decisions in a database: one commit then holds
       * both. Not called, or the transaction another database's: the caller keeps it by itself, after the answer. A leg may
       * still be refused after this was committed.
       */
      readonly keep?: KeepWithDecision;
      readonly signal?: AbortSignal;
    },
  ): Promise<OrderDecision>;
  /**
   * Judges a signal anew as its user changed it (size, entry, stop), and holds back what it needs now in place of what it held.
   * Repeating it changes nothing and gives the same answer. A gate without it has signals that can not be edited.
   * @throws StoreError when nobody knows whether it was kept: ask again.
   */
  revise?(signal: Signal, options?: { readonly signal?: AbortSignal }): Promise<SignalRevision>;
  /**
   * Gives back a signal's reservation, whole when `remaining` is absent, else down to that initial margin (a part was
   * filled). Repeating it changes nothing.
   */
  release(signalId: string, options?: { readonly remaining?: Usd; readonly signal?: AbortSignal }): Promise<void>;
}
