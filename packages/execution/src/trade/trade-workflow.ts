import {
  compare,
  Decimal,
  guidanceSchema,
  isZero,
  type JsonValue,
  type Rejection,
  type Size,
  signalSchema,
  toUsd,
  type Usd,
  type WorkflowContext,
  type WorkflowDefinition,
  zeroUsd,
} from '@perpdesk/core';
import * as z from 'zod';
import type { SendOutcome } from '../orders/send-outcome.ts';
import { Closings } from './closings.ts';
import type { EntryLegIntent } from './entry-intents.ts';
import { LegBook } from './leg-book.ts';
import {
  type ApprovalAnswer,
  approvalAnswerSchema,
  type Closing,
  type LegNews,
  tradeMessageSchema,
  tradeTopics,
} from './trade-messages.ts';

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

const notEntered: TradeResult = { outcome: 'not-entered', realizedPnl: zeroUsd, fees: zeroUsd, funding: zeroUsd };
/** Pauses before an order of unknown outcome is asked after again. The last outlives its authorisation. */
const resolvePausesMs = [1_000, 2_000, 4_000, 8_000] as const;
/** How long the end of a cancelled leg is waited for before it is asked after. */
const cancelAnswerMs = 5_000;
/** How often an open position is looked at, should its closing not have been told. */
const recheckMs = 3_600_000;
/** Steps that meet a database or venue that is away are tried again for about a minute. */
const patient = { retry: { attempts: 9, delayMs: 250 } } as const;

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
      await context.step('settle', () => acts.settle(input, result), patient);
      return { ...result };
    },
  };
}

async function trade(context: WorkflowContext, input: TradeInput, acts: TradeActs): Promise<TradeResult> {
  const release = (step: string, remaining: Usd | undefined): Promise<void> =>
    context.step(step, () => acts.release(input.signal.id, remaining), patient);
  const book = new LegBook();
  try {
    const rejection = await approve(context, input, acts);
    if (rejection !== undefined) {
      await context.step('declined', () => acts.declined(input, rejection), patient);
      await release('release', undefined);
      return notEntered;
    }
    const legs = await context.step(
      'prepare',
      async () => [...(await acts.prepare(input))].map(({ step, intent }) => ({ step, intent })),
      patient,
    );
    for (const leg of legs) await enter(context, leg, acts, book);
    return await follow(context, input, acts, book, release);
  } catch (error) {
    // The engine stops, or the run goes on elsewhere: then it is not over.
    if (context.signal.aborted) throw error;
    for (const id of book.resting()) await context.step(`abandon-${id}`, () => acts.cancel(input, id), patient);
    await release('abandon', undefined);
    throw error;
  }
}

/** Undefined when the trade may go on. */
async function approve(context: WorkflowContext, input: TradeInput, acts: TradeActs): Promise<Rejection | undefined> {
  const verdict = await context.step('decide', () => acts.decide(input), patient);
  if (verdict.verdict === 'declined') return verdict.rejection;
  if (verdict.verdict === 'ask') {
    const answer = approvalAnswerSchema.parse(await context.receive(tradeTopics.approval));
    const { rejection } = await context.step('judge', () => acts.judge(input, answer), patient);
    if (rejection !== undefined) return rejection;
  }
  const by = verdict.verdict === 'ask' ? 'user' : 'autonomy';
  await context.step('approved', () => acts.approved(input, by), patient);
  return undefined;
}

async function enter(context: WorkflowContext, leg: EntryLegIntent, acts: TradeActs, book: LegBook): Promise<void> {
  const clientOrderId = context.id(leg.step);
  let sent = await context.step(leg.step, () => acts.send(leg, clientOrderId), patient);
  for (const [index, pauseMs] of resolvePausesMs.entries()) {
    if (sent.outcome !== 'unknown') break;
    await context.sleep(`${leg.step}-pause-${index}`, pauseMs);
    sent = await context.step(`${leg.step}-again-${index}`, () => acts.send(leg, clientOrderId), patient);
  }
  // Still unknown, it may have landed: it counts as open until a message or a query says otherwise.
  if (sent.outcome === 'accepted' || sent.outcome === 'unknown') book.open(clientOrderId, leg.intent.size);
  if (sent.outcome === 'accepted') book.note(sent.order);
}

/** Waits until every leg has ended and, if any filled, what they entered has closed. */
async function follow(
  context: WorkflowContext,
  input: TradeInput,
  acts: TradeActs,
  book: LegBook,
  release: (step: string, remaining: Usd | undefined) => Promise<void>,
): Promise<TradeResult> {
  const closings = new Closings();
  const endsAtMs = (await context.now('entry-began')) + input.guidance.expiresAfterMs;
  let reserved = input.signal.initialMargin;
  for (let turn = 0; book.resting().length > 0; turn += 1) {
    const needed = marginOf(input, book.unfilled());
    if (compare(needed, reserved) < 0) await release(`release-${turn}`, needed);
    reserved = needed;
    const leftMs = endsAtMs - (await context.now(`turn-${turn}`));
    const news = await context.receive(tradeTopics.trade, leftMs > 0 ? leftMs : cancelAnswerMs);
    if (news !== undefined) hear(news, book, closings);
    // The time of the entry is over, or what it began has ended: what rests is cancelled, and its end is told as any other.
    if (news !== undefined && !closings.any) continue;
    for (const id of book.resting()) {
      const ended = await context.step(`cancel-${turn}-${id}`, () => acts.cancel(input, id), patient);
      if (ended !== null) book.note(ended);
    }
  }
  await release('release', undefined);
  if (isZero(book.filled())) return notEntered;
  for (let look = 0; !closings.any || compare(closings.size(), book.filled()) < 0; look += 1) {
    const news = await context.receive(tradeTopics.trade, recheckMs);
    if (news !== undefined) {
      hear(news, book, closings);
      continue;
    }
    const seen = await context.step(`recheck-${look}`, () => acts.recheck(input), patient);
    for (const closing of seen.closings) closings.note(closing);
    if (closings.any && !seen.held) break;
  }
  return { outcome: 'closed', ...closings.result() };
}

/** The initial margin of a part of the signal. */
const marginOf = ({ signal }: TradeInput, size: Size): Usd =>
  toUsd(new Decimal(signal.initialMargin).times(size).dividedBy(signal.size));

/** Notes what a message says of a leg or of the position. */
function hear(json: JsonValue, book: LegBook, closings: Closings): void {
  const message = tradeMessageSchema.parse(json);
  if (message.kind === 'closed') closings.note(message);
  else book.note(message);
}
