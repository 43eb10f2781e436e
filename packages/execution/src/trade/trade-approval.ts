import type { Rejection, WorkflowContext } from '@perpdesk/core';
import { patient, type TradeActs, type TradeInput, type TradePlan } from './trade-acts-port.ts';
import { approvalMessageSchema, tradeTopics } from './trade-messages.ts';

/** What an approval came to: the plan that is sent, or why nothing is. */
export type TradeApproval =
  | { readonly rejection: Rejection }
  | {
      readonly plan: TradePlan;
      /** True where policies are asked before each order. */
      readonly policed: boolean;
      /** When the entry ends though its time is not over, on the desk's clock. */
      readonly endsAtMs: number | undefined;
    };

/**
 * The first part of a trade: autonomy and policies decide, and where they ask the user does. All that comes in while it waits
 * goes through one mailbox and is taken in its order: edits change the plan that waits, the first answer ends the wait.
 */
export async function approve(context: WorkflowContext, input: TradeInput, acts: TradeActs): Promise<TradeApproval> {
  const verdict = await context.step('decide', () => acts.decide(input), patient);
  if (verdict.verdict === 'declined') return { rejection: verdict.rejection };
  const decided: TradePlan = { ...input, guidance: verdict.guidance ?? input.guidance };
  if (verdict.verdict === 'approved') {
    await context.step('approved', () => acts.approved(decided, 'autonomy'), patient);
    return { plan: decided, policed: verdict.policed === true, endsAtMs: verdict.endsAtMs };
  }
  const answered = await askUser(context, decided, acts);
  if ('rejection' in answered) return answered;
  await context.step('approved', () => acts.approved(answered.plan, 'user'), patient);
  return { ...answered, policed: false, endsAtMs: undefined };
}

async function askUser(
  context: WorkflowContext,
  asked: TradePlan,
  acts: TradeActs,
): Promise<{ readonly rejection: Rejection } | { readonly plan: TradePlan }> {
  let plan = asked;
  for (let edits = 0; ; edits += 1) {
    const message = approvalMessageSchema.parse(await context.receive(tradeTopics.approval));
    if (message.answer !== 'edited') {
      const { rejection } = await context.step('judge', () => acts.judge(plan, message), patient);
      return rejection === undefined ? { plan } : { rejection };
    }
    const edited = await context.step(`edit-${edits}`, () => acts.edit(plan, message), patient);
    if ('rejection' in edited) continue;
    const wanted = { ...plan, ...edited };
    const revised = await context.step(`revise-${edits}`, () => acts.revise(wanted, message), patient);
    if (!('rejection' in revised)) plan = { ...plan, ...revised };
  }
}
