import {
  Decimal,
  guidanceSchema,
  type JsonValue,
  type Rejection,
  scale,
  signalSchema,
  type Usd,
  type WorkflowContext,
  type WorkflowDefinition,
  zeroSize,
  zeroUsd,
} from '@perpdesk/core';
import * as z from 'zod';
import type { SendOutcome } from '../orders/order-desk.ts';
import type { EntryLegIntent } from './entry-intents.ts';
import { LegBook } from './leg-book.ts';
import { type ApprovalAnswer, approvalAnswerSchema, tradeMessageSchema, tradeTopics } from './trade-messages.ts';

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
  cancel(input: TradeInput, clientOrderId: string): Promise<void>;
  /** Gives back what is not needed any more of the reservation. */
  release(signalId: string, remaining: Usd | undefined): Promise<void>;
  settle(input: TradeInput, result: TradeResult): Promise<void>;
}

/** How a trade ended. */
export interface TradeResult {
  readonly outcome: 'not-entered' | 'closed';
  readonly realizedPnl: Usd;
  readonly fees: Usd;
  readonly funding: Usd;
}

const notEntered: TradeResult = { outcome: 'not-entered', realizedPnl: zeroUsd, fees: zeroUsd, funding: zeroUsd };
/** Pauses before an order of unknown outcome is asked after again. The last outlives its authorisation. */
const resolvePausesMs = [1_000, 2_000, 4_000, 8_000] as const;
/** How long a cancellation is waited for before it is sent again. */
const cancelAnswerMs = 5_000;

/**
 * The life of a trade: approval, entry, the wait for its end, the record. Protection is the guard's, from before the first
 * fill on. Runs from its journal: everything outside happens in steps.
 */
export function tradeWorkflow(acts: TradeActs): WorkflowDefinition<JsonValue, JsonValue> {
  return {
    name: 'trade',
    version: 1,
    run: async (context, json) => {
      const input = tradeInputSchema.parse(json);
      const result = await trade(context, input, acts);
      await context.step('settle', () => acts.settle(input, result));
      return { ...result };
    },
  };
}

async function trade(context: WorkflowContext, input: TradeInput, acts: TradeActs): Promise<TradeResult> {
  const rejection = await approve(context, input, acts);
  if (rejection !== undefined) {
    await context.step('declined', () => acts.declined(input, rejection));
    await context.step('release', () => acts.release(input.signal.id, undefined));
    return notEntered;
  }
  const legs = await context.step('prepare', async () =>
    [...(await acts.prepare(input))].map(({ step, intent }) => ({ step, intent })),
  );
  const book = new LegBook();
  for (const leg of legs) await enter(context, leg, acts, book);
  return follow(context, input, acts, book);
}

/** Undefined when the trade may go on. */
async function approve(context: WorkflowContext, input: TradeInput, acts: TradeActs): Promise<Rejection | undefined> {
  const verdict = await context.step('decide', () => acts.decide(input));
  if (verdict.verdict === 'declined') return verdict.rejection;
  if (verdict.verdict === 'ask') {
    const answer = approvalAnswerSchema.parse(await context.receive(tradeTopics.approval));
    const { rejection } = await context.step('judge', () => acts.judge(input, answer));
    if (rejection !== undefined) return rejection;
  }
  await context.step('approved', () => acts.approved(input, verdict.verdict === 'ask' ? 'user' : 'autonomy'));
  return undefined;
}

async function enter(context: WorkflowContext, leg: EntryLegIntent, acts: TradeActs, book: LegBook): Promise<void> {
  const clientOrderId = context.id(leg.step);
  let sent = await context.step(leg.step, () => acts.send(leg, clientOrderId));
  for (const [index, pauseMs] of resolvePausesMs.entries()) {
    if (sent.outcome !== 'unknown') break;
    await context.sleep(`${leg.step}-pause-${index}`, pauseMs);
    sent = await context.step(`${leg.step}-again-${index}`, () => acts.send(leg, clientOrderId));
  }
  if (sent.outcome === 'accepted') book.note(clientOrderId, sent.order.status, sent.order.filledSize);
  // Still unknown: it may have landed, so it counts as open until a message or the reconciliation says otherwise.
  if (sent.outcome === 'unknown') book.note(clientOrderId, 'unresolved', zeroSize);
}

/** Waits until every leg has ended and, if any filled, the position has closed. */
async function follow(
  context: WorkflowContext,
  input: TradeInput,
  acts: TradeActs,
  book: LegBook,
): Promise<TradeResult> {
  const endsAtMs = (await context.now('entry-began')) + input.guidance.expiresAfterMs;
  let closed: TradeResult | undefined;
  for (let turn = 0; book.open().length > 0; turn += 1) {
    const leftMs = endsAtMs - (await context.now(`turn-${turn}`));
    const news = await context.receive(tradeTopics.trade, leftMs > 0 ? leftMs : cancelAnswerMs);
    if (news !== undefined) {
      closed = hear(news, book) ?? closed;
      const unfilled = new Decimal(1).minus(new Decimal(book.filled()).dividedBy(input.signal.size));
      const remaining = scale(input.signal.initialMargin, Decimal.max(0, unfilled));
      await context.step(`release-${turn}`, () => acts.release(input.signal.id, remaining));
    }
    // The time of the entry is over, or what it began has ended: what rests is cancelled, and its end is told as any other.
    if (news === undefined || closed !== undefined) {
      for (const id of book.open()) await context.step(`cancel-${turn}-${id}`, () => acts.cancel(input, id));
    }
  }
  await context.step('release', () => acts.release(input.signal.id, undefined));
  if (new Decimal(book.filled()).isZero()) return notEntered;
  while (closed === undefined) {
    const news = await context.receive(tradeTopics.trade);
    if (news !== undefined) closed = hear(news, book);
  }
  return closed;
}

/** Notes what a message says of a leg; the trade's result when it says that the position has closed. */
function hear(json: JsonValue, book: LegBook): TradeResult | undefined {
  const message = tradeMessageSchema.parse(json);
  if (message.kind === 'closed') {
    const { realizedPnl, fees, funding } = message;
    return { outcome: 'closed', realizedPnl, fees, funding };
  }
  if (book.has(message.clientOrderId)) book.note(message.clientOrderId, message.status, message.filledSize);
  return undefined;
}
