import { Decimal, type Rejection } from '@perpdesk/core';
import { AccountDraft, type Transition } from './account-draft.ts';
import { matchArrival } from './match-order.ts';
import type { PaperAccount, PaperOrder } from './paper-account.ts';
import type { PaperContext } from './paper-context.ts';
import { latencyOf } from './paper-latency.ts';
import { accepted, type PlaceRequest, type PlaceResult, refuseOpening } from './place-order.ts';

/**
 * Replaces an open order by an intent of the same client order id, in one change: at no instant does neither or both rest.
 * It keeps its venue order id and what it has filled; `size` is the whole size, the filled part included. Price, trigger,
 * size and what the intent says beside may change, not instrument, side, type or reduce-only.
 */
export function amendOrder(request: PlaceRequest & { readonly entry: PaperOrder }): PlaceResult {
  const { account, entry, intent, instrument, quote, context } = request;
  const rejection = refuseAmending(request);
  if (rejection !== undefined) return { outcome: 'rejected', rejection };
  const draft = new AccountDraft(account, context);
  const { venueOrderId, filledSize, averagePrice, createdAtMs } = entry.order;
  draft.putOrder({
    ...entry,
    sinceMs: Math.max(entry.sinceMs, context.atMs),
    order: {
      ...intent,
      ...(venueOrderId === undefined ? {} : { venueOrderId }),
      ...(averagePrice === undefined ? {} : { averagePrice }),
      status: new Decimal(filledSize).isZero() ? 'open' : 'partially-filled',
      filledSize,
      createdAtMs,
      updatedAtMs: context.atMs,
    },
  });
  if (entry.active && quote !== undefined) matchArrival(draft, instrument, intent.clientOrderId, quote);
  return accepted(draft, intent.clientOrderId);
}

function refuseAmending({
  account,
  entry,
  intent,
  instrument,
  quote,
  context,
}: Parameters<typeof amendOrder>[0]): Rejection | undefined {
  const { order } = entry;
  const same = (['instrumentId', 'side', 'type', 'reduceOnly'] as const).find((name) => order[name] !== intent[name]);
  if (same !== undefined) {
    return {
      code: 'order.invalid',
      message: `An amendment keeps the order's ${same}.`,
      limit: String(order[same]),
      actual: String(intent[same]),
    };
  }
  if (entry.triggered) return { code: 'order.final', message: 'The order has been triggered already.' };
  if (new Decimal(intent.size).lessThanOrEqualTo(order.filledSize)) {
    return {
      code: 'size.invalid',
      message: 'The order has filled that much already.',
      limit: order.filledSize,
      actual: intent.size,
    };
  }
  if (intent.reduceOnly) return undefined;
  if (quote === undefined) return { code: 'market-data.missing', message: `${instrument.id} has no price.` };
  const orders = new Map(account.orders);
  orders.delete(order.clientOrderId);
  return refuseOpening(
    { account: { ...account, orders }, intent, instrument, quote, context },
    account.positions.get(instrument.id),
  );
}

/** Takes an open order from the market: at once, or when the cancellation arrives after the assumed latency. */
export function cancelOrder(account: PaperAccount, entry: PaperOrder, context: PaperContext): Transition | undefined {
  const draft = new AccountDraft(account, context);
  const latencyMs = latencyOf(context.rules, 'cancel', entry.order.clientOrderId);
  if (latencyMs === 0) draft.endOrder(entry);
  // A cancellation never arrives before the order; of two the first one counts.
  else {
    const arrivesAtMs = Math.max(context.atMs + latencyMs, entry.active ? 0 : entry.sinceMs);
    draft.putOrder({ ...entry, cancelAtMs: Math.min(arrivesAtMs, entry.cancelAtMs ?? arrivesAtMs) });
  }
  return draft.finish();
}
