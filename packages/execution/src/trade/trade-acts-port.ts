import { guidanceSchema, type Price, type Rejection, signalSchema, type Usd } from '@perpdesk/core';
import * as z from 'zod';
import type { SendOutcome } from '../orders/send-outcome.ts';
import type { EntryLegIntent } from './entry-intents.ts';
import type { ApprovalAnswer, Closing, LegNews } from './trade-messages.ts';

/** What a trade begins with. */
export const tradeInputSchema = z.object({
  signal: signalSchema,
  guidance: guidanceSchema,
  traceId: z.string(),
  causationId: z.string(),
});
export type TradeInput = z.infer<typeof tradeInputSchema>;

/** The acts a trade is made of; each is a step, and may be repeated after a crash inside it. */
export interface TradeActs {
  /** `ask` has told the user and started the time to answer. */
  decide(
    input: TradeInput,
  ): Promise<
    { readonly verdict: 'approved' | 'ask' } | { readonly verdict: 'declined'; readonly rejection: Rejection }
  >;
  /** Checks an answer against what was asked and the price; the refusal, if any. */
  judge(input: TradeInput, answer: ApprovalAnswer): Promise<{ readonly rejection?: Rejection }>;
  approved(input: TradeInput, by: 'user' | 'autonomy'): Promise<void>;
  declined(input: TradeInput, rejection: Rejection): Promise<void>;
  /** Hands the plan to the guard, before anything is sent, and gives the legs. */
  prepare(input: TradeInput): Promise<readonly EntryLegIntent[]>;
  send(leg: EntryLegIntent, clientOrderId: string): Promise<SendOutcome>;
  /**
   * Where a limit that chases rests now: at the touch of its side, no further from the entry than it may go; null while
   * there is no fresh price. `worst`: the furthest it may go.
   */
  touch(input: TradeInput): Promise<{ readonly price: Price | null; readonly worst: Price }>;
  /** Cancels a leg. What became of one that had ended already; null when its end will be told, or nobody knows. */
  cancel(input: TradeInput, clientOrderId: string): Promise<LegNews | null>;
  /** Gives back what is not needed any more of the reservation. */
  release(signalId: string, remaining: Usd | undefined): Promise<void>;
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
