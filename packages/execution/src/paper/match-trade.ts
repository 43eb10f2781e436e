import { Decimal, type Instrument, type Trade } from '@perpdesk/core';
import { AccountDraft, type Transition } from './account-draft.ts';
import { fillOrder } from './fill-order.ts';
import type { PaperAccount } from './paper-account.ts';
import type { PaperContext } from './paper-context.ts';
import type { RestingQueues } from './resting-queues.ts';

/**
 * Matches a trade of the venue with an account's resting limits: one at an order's price fills it when the queue before it
 * is gone, one beyond it fills it in any case; each with no more than was traded. Undefined when nothing happens.
 */
export function matchTrade(
  account: PaperAccount,
  instrument: Instrument,
  trade: Trade,
  queues: RestingQueues,
  context: PaperContext,
): Transition | undefined {
  const reaches = queues.reach(account, instrument, trade);
  if (reaches.length === 0) return undefined;
  const draft = new AccountDraft(account, context);
  for (const { clientOrderId, size } of reaches) {
    const price = draft.order(clientOrderId)?.order.price;
    if (price === undefined) continue;
    fillOrder(draft, {
      instrument,
      clientOrderId,
      price: new Decimal(price),
      size,
      liquidity: 'maker',
      happenedAtMs: context.atMs,
    });
  }
  return draft.finish();
}
