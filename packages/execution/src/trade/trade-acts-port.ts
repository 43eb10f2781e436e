import { type Guidance, guidanceSchema, type Price, type Rejection, signalSchema, type Usd } from '@perpdesk/core';
import * as z from 'zod';
import type { SendOutcome } from '../orders/send-outcome.ts';
import type { Plan } from './approval-edit.ts';
import type { EntryLegIntent } from './entry-intents.ts';
import type { LegFill } from './leg-book.ts';
import type { ApprovalAnswer, Closing, EditRequest, LegNews } from './trade-messages.ts';

/** What a trade begins with. */
export const tradeInputSchema = z.object({
  signal: signalSchema,
  guidance: guidanceSchema,
  traceId: z.string(),
  causationId: z.string(),
});
export type TradeInput = z.infer<typeof tradeInputSchema>;

/** What a trade is entered by: its input, as edited. */
export interface TradePlan extends TradeInput {
  /** The float mid at which the user edited it; absent: nobody has. */
  readonly editedAt?: number;
}

/** What autonomy and policies make of a signal. `guidance`: with the exits that will act, the user's own where it had none. */
export type Verdict =
  | {
      readonly verdict: 'approved';
      readonly guidance?: Guidance;
      /** True where policies are asked again before each order. */
      readonly policed?: true;
      /** When a policy begins to hold, on the desk's clock: the entry ends then. */
      readonly endsAtMs?: number;
    }
  | { readonly verdict: 'ask'; readonly guidance?: Guidance }
  | { readonly verdict: 'declined'; readonly rejection: Rejection };

/** A plan as edited, or why it is not. */
export type EditedPlan = { readonly rejection: Rejection } | (Plan & { readonly editedAt: number });

/** The acts a trade is made of; each is a step, and may be repeated after a crash inside it. */
export interface TradeActs {
  /** `ask` has told the user and started the time to answer. */
  decide(input: TradeInput): Promise<Verdict>;
  /** Makes the plan that an edit asks for, or says why there is none. */
  edit(plan: TradePlan, request: EditRequest): Promise<EditedPlan>;
  /** Has Brix judge an edited plan, and shows it in place of the one that waited. */
  revise(plan: TradePlan, request: EditRequest): Promise<EditedPlan>;
  /** Checks an answer against what was asked and the price; the refusal, if any. */
  judge(plan: TradePlan, answer: ApprovalAnswer): Promise<{ readonly rejection?: Rejection }>;
  approved(input: TradeInput, by: 'user' | 'autonomy'): Promise<void>;
  declined(input: TradeInput, rejection: Rejection): Promise<void>;
  /** Hands the plan to the guard, before anything is sent, and gives the legs. */
  prepare(input: TradeInput): Promise<readonly EntryLegIntent[]>;
  /** Why a policy keeps an order of an automatic entry back by now, if one does; it is then told as refused. */
  held(input: TradeInput, leg: EntryLegIntent, clientOrderId: string): Promise<{ readonly rejection?: Rejection }>;
  send(leg: EntryLegIntent, clientOrderId: string): Promise<SendOutcome>;
  /**
   * Where a limit that chases rests now: at the touch of its side, no further from the entry than it may go; null while
   * there is no fresh price. `worst`: the furthest it may go.
   */
  touch(input: TradeInput): Promise<{ readonly price: Price | null; readonly worst: Price }>;
  /** Cancels a leg. What became of one that had ended already; null when its end will be told, or nobody knows. */
  cancel(input: TradeInput, clientOrderId: string): Promise<LegNews | null>;
  /**
   * Gives back what is not needed any more of the reservation: all but `remaining`, the initial margin of what may yet fill; all without
   * it. What the legs have filled and the account does not show yet stays held back, for it is in no position. What is left; null of nothing.
   */
  release(input: TradeInput, remaining: Usd | undefined, legs: readonly LegFill[]): Promise<Usd | null>;
  /** Looks whether a position is open where the trade entered, and which closings of it the journal has. */
  recheck(input: TradeInput): Promise<{ readonly held: boolean; readonly closings: readonly Closing[] }>;
  /** Records the end; the guard may forget the trade. */
  settle(input: TradeInput, result: TradeResult): Promise<void>;
}

/** How a trade ended. */
export interface TradeResult {
  readonly outcome: 'not-entered' | 'closed';
  readonly realizedPnl: Usd;
  readonly fees: Usd;
  readonly funding: Usd;
}

/** Steps that meet a database or venue that is away are tried again for about a minute. */
export const patient = { retry: { attempts: 9, delayMs: 250 } } as const;
