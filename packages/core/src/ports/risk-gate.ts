import type { Usd } from '../decimal.ts';
import type { OrderIntent } from '../domain/order.ts';
import type { Recommendation } from '../domain/recommendation.ts';
import type { Rejection, RiskStep } from '../domain/risk-decision.ts';
import type { RiskDecision } from '../domain/signal.ts';
import type { ApprovedOrder } from './approved-order.ts';

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

/** Brix as others see it. Acting methods never throw on an outcome. */
export interface RiskGate {
  /** Door 1: the recommendation for every active user, all loaded in one batch. One decision each, reservations committed. */
  filter(recommendation: Recommendation, options?: { readonly signal?: AbortSignal }): Promise<readonly RiskDecision[]>;
  /** Door 2: one leg of anybody. Exits, reduce-only and protective legs pass without model, bus or writable database. */
  authorize(intent: OrderIntent, options?: { readonly signal?: AbortSignal }): Promise<OrderDecision>;
  /**
   * Gives back a signal's reservation, whole when `remaining` is absent, else down to that initial margin (a part was
   * filled). Repeating it changes nothing.
   */
  release(signalId: string, options?: { readonly remaining?: Usd; readonly signal?: AbortSignal }): Promise<void>;
}
