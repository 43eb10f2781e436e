import {
  instrumentIdSchema,
  type JsonValue,
  marginModeSchema,
  priceSchema,
  type Rejection,
  sizeSchema,
  takeProfitSchema,
  tradeDirectionSchema,
  type WorkflowContext,
  type WorkflowDefinition,
} from '@perpdesk/core';
import * as z from 'zod';
import type { CloseOutcome, PositionCloser } from '../controls/position-closer.ts';
import type { PositionGuard } from '../guard/position-guard.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import { patient } from './trade-acts-port.ts';

/** A position to be closed, and the opposite one to be opened in its place. */
export const reverseInputSchema = z.object({
  userId: z.string(),
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  /** Of the position that is opened. */
  direction: tradeDirectionSchema,
  size: sizeSchema,
  stopLoss: priceSchema,
  takeProfits: z.array(takeProfitSchema),
  leverage: z.number().positive(),
  marginMode: marginModeSchema,
  traceId: z.string(),
});
export type ReverseInput = z.infer<typeof reverseInputSchema>;

/** How a reversal ended. `closed`: the old position is gone and the new one was not let in. `kept`: it could not be closed. */
export type ReverseResult =
  | { readonly outcome: 'reversed' }
  | { readonly outcome: 'closed'; readonly rejection?: Rejection }
  | { readonly outcome: 'kept'; readonly rejection?: Rejection };

/** What a reversal is made with. */
export interface ReverseParts {
  readonly closer: PositionCloser;
  readonly orderDesk: OrderDesk;
  readonly guard: PositionGuard;
}

/** How often the close is tried, and the pause between. */
const closeTries = 20;
const closePauseMs = 500;

/**
 * Two gated legs, never one order that flips: the position is closed until the venue says that it is flat, then Brix is asked
 * for the new one. A crash goes on where it was; nothing is opened while anything is left.
 */
export function reverseWorkflow(parts: ReverseParts): WorkflowDefinition<JsonValue, JsonValue> {
  return {
    name: 'reverse',
    version: 1,
    run: async (context, json) => ({ ...(await reverse(context, reverseInputSchema.parse(json), parts)) }),
  };
}

async function reverse(context: WorkflowContext, input: ReverseInput, parts: ReverseParts): Promise<ReverseResult> {
  const { closer, guard, orderDesk } = parts;
  const { instrumentId, traceId, userId, venue } = input;
  const key = { userId, venue, instrumentId };
  let closed: CloseOutcome = { outcome: 'unknown' };
  for (let attempt = 0; attempt < closeTries && closed.outcome !== 'flat'; attempt += 1) {
    if (attempt > 0) await context.sleep(`pause-${attempt}`, closePauseMs);
    const close = () => closer.close(key, { origin: 'manual', reason: 'manual', traceId });
    closed = await context.step(`close-${attempt}`, close, patient);
    if (closed.outcome === 'refused') return { outcome: 'kept', rejection: closed.rejection };
  }
  if (closed.outcome !== 'flat') return { outcome: 'kept' };
  const { direction, leverage, marginMode, size, stopLoss, takeProfits } = input;
  const plan = { ...key, tradeId: context.runId, traceId, stopLoss, takeProfits: [...takeProfits], leverage };
  await context.step('plan', () => guard.plan(plan), patient);
  const clientOrderId = context.id('enter');
  const enter = () =>
    orderDesk.send({
      ...{ ...key, clientOrderId, size, stopLoss, leverage, marginMode, traceId },
      side: direction === 'long' ? 'buy' : 'sell',
      type: 'market',
      timeInForce: 'ioc',
      reduceOnly: false,
      purpose: 'entry',
      origin: 'manual',
      tradeId: context.runId,
    });
  const sent = await context.step('enter', enter, patient);
  if (sent.outcome === 'accepted' || sent.outcome === 'unknown') return { outcome: 'reversed' };
  await context.step('forget', () => guard.forget(key, context.runId), patient);
  return { outcome: 'closed', rejection: sent.rejection };
}
