import {
  compare,
  entrySettleMs,
  isZero,
  type JsonValue,
  type Usd,
  type WorkflowContext,
  type WorkflowDefinition,
  zeroUsd,
} from '@perpdesk/core';
import { Closings } from './closings.ts';
import { EntryRun } from './entry-run.ts';
import { LegBook } from './leg-book.ts';
import { patient, type TradeActs, type TradeInput, type TradeResult, tradeInputSchema } from './trade-acts-port.ts';
import { approve } from './trade-approval.ts';
import { tradeMessageSchema, tradeTopics } from './trade-messages.ts';
import { marginOf } from './trade-parts.ts';

const notEntered: TradeResult = { outcome: 'not-entered', realizedPnl: zeroUsd, fees: zeroUsd, funding: zeroUsd };
/** How long the end of a cancelled leg is waited for before it is asked after. */
const cancelAnswerMs = 5_000;
/** How often an open position is looked at, should its closing not have been told: at first, then ever more rarely. */
const firstRecheckMs = 60_000;
const recheckMs = 3_600_000;

/**
 * The life of a trade: approval, entry, the wait for its end, the record. Protection is the guard's, from before the first
 * fill on. Runs from its journal: everything outside happens in steps.
 */
export function tradeWorkflow(acts: TradeActs): WorkflowDefinition<JsonValue, JsonValue> {
  return {
    name: 'trade',
    version: 2,
    run: async (context, json) => {
      const input = tradeInputSchema.parse(json);
      const result = await trade(context, input, acts);
      await context.step('settle', () => acts.settle(input, result), patient);
      return { ...result };
    },
  };
}

/** Gives back all of the reservation but `remaining`; what is left of it. */
type Release = (step: string, remaining: Usd | undefined) => Promise<Usd | null>;

async function trade(context: WorkflowContext, input: TradeInput, acts: TradeActs): Promise<TradeResult> {
  const book = new LegBook();
  const release: Release = (step, remaining) =>
    context.step(step, () => acts.release(input, remaining, book.fills()), patient);
  try {
    const approval = await approve(context, input, acts);
    if ('rejection' in approval) {
      const { rejection } = approval;
      await context.step('declined', () => acts.declined(input, rejection), patient);
      await release('release', undefined);
      return notEntered;
    }
    const { endsAtMs, plan, policed } = approval;
    const legs = await context.step(
      'prepare',
      async () => [...(await acts.prepare(plan))].map(({ step, afterMs, intent }) => ({ step, afterMs, intent })),
      patient,
    );
    const entry = new EntryRun({ context, input: plan, acts, book, legs, policed });
    await entry.act('first', 0);
    return await follow(context, { plan, endsAtMs }, acts, book, entry, release);
  } catch (error) {
    // The engine stops, or the run goes on elsewhere: then it is not over.
    if (context.signal.aborted) throw error;
    for (const id of book.resting()) await context.step(`abandon-${id}`, () => acts.cancel(input, id), patient);
    await release('abandon', undefined);
    throw error;
  }
}

/** Waits until every leg has ended and, if any filled, what they entered has closed. */
async function follow(
  context: WorkflowContext,
  { plan: input, endsAtMs }: { readonly plan: TradeInput; readonly endsAtMs: number | undefined },
  acts: TradeActs,
  book: LegBook,
  entry: EntryRun,
  release: Release,
): Promise<TradeResult> {
  const closings = new Closings();
  const beganAtMs = await context.now('entry-began');
  // Approved late, it ends no later: the next plan is not to be sized beside it.
  const lastMs = Math.min(endsAtMs ?? Number.POSITIVE_INFINITY, input.signal.expiresAtMs - entrySettleMs);
  const expiresAfterMs = Math.max(0, Math.min(input.guidance.expiresAfterMs, lastMs - beganAtMs));
  let reserved = input.signal.initialMargin;
  for (let turn = 0; entry.open; turn += 1) {
    const needed = marginOf(input.signal, entry.unfilled());
    // Null: it was written down before a step said what is left.
    if (compare(needed, reserved) < 0) reserved = (await release(`release-${turn}`, needed)) ?? needed;
    const sinceMs = (await context.now(`turn-${turn}`)) - beganAtMs;
    // What was cancelled may have ended unheard of: it is asked after until that is known.
    const isOver = sinceMs >= expiresAfterMs || closings.any;
    const dueMs = Math.min(entry.nextMs ?? expiresAfterMs, expiresAfterMs);
    const news = await context.receive(tradeTopics.trade, isOver ? cancelAnswerMs : Math.max(0, dueMs - sinceMs));
    if (news !== undefined) hear(news, book, closings);
    if (closings.any || (news === undefined && dueMs === expiresAfterMs)) {
      // The time of the entry is over, or what it began has ended: what rests is cancelled, and its end is told as any other.
      await entry.end(`${turn}`);
    } else if (news === undefined) await entry.act(`${turn}`, Math.max(sinceMs, dueMs));
  }
  await release('release', undefined);
  if (isZero(book.filled())) return notEntered;
  let looks = 0;
  let gone = 0;
  for (let look = 0; compare(closings.size(), book.filled()) < 0; look += 1) {
    const news = await context.receive(tradeTopics.trade, Math.min(recheckMs, firstRecheckMs * 2 ** looks));
    if (news !== undefined) {
      hear(news, book, closings);
      looks = 0;
      continue;
    }
    const seen = await context.step(`recheck-${look}`, () => acts.recheck(input), patient);
    for (const closing of seen.closings) closings.note(closing);
    // What it entered may have closed as no part of the position it was in; then no closing is ever told.
    gone = seen.held ? 0 : gone + 1;
    if (gone > 1 || (gone > 0 && closings.any)) break;
    looks = gone > 0 ? 0 : looks + 1;
  }
  return { outcome: 'closed', ...closings.result() };
}

/** Notes what a message says of a leg or of the position. */
function hear(json: JsonValue, book: LegBook, closings: Closings): void {
  const message = tradeMessageSchema.parse(json);
  if (message.kind === 'closed') closings.note(message);
  else if (message.kind === 'netted') closings.net(message);
  else book.note(message);
}
