import { Decimal, type Fill, type Instrument, toPrice, toSize } from '@perpdesk/core';
import { tradeFee } from '../matching/trade-fee.ts';
import type { AccountDraft } from './account-draft.ts';
import { bookExecution } from './book-execution.ts';
import { isOpen, opposes, ordersOn, type PaperOrder, remainingOf } from './paper-account.ts';
import { settleFunding } from './settle-funding.ts';

/** A fill of a resting or arriving order. */
export interface OrderFill {
  readonly instrument: Instrument;
  readonly clientOrderId: string;
  readonly price: Decimal;
  /** At most: an order never fills beyond what it has left, a reduce-only one never beyond the position. */
  readonly size: Decimal;
  readonly liquidity: Fill['liquidity'];
  /** Until when funding is settled before the fill: the open of the bar it lies in, now otherwise. */
  readonly happenedAtMs: number;
}

/**
 * Fills an order as far as it may. A fill that would turn the position round is booked as two: the close, then the opening.
 * When the position is gone, what rested to lessen it is cancelled. Returns the order as it then stands.
 */
export function fillOrder(draft: AccountDraft, fill: OrderFill): PaperOrder | undefined {
  const { instrument } = fill;
  settleFunding(draft, instrument, fill.happenedAtMs);
  let left = fill.size;
  for (;;) {
    const entry = draft.order(fill.clientOrderId);
    if (entry === undefined || !isOpen(entry.order)) return entry;
    const position = draft.position(instrument.id);
    const against = position !== undefined && opposes(position, entry.order.side) ? position.size : undefined;
    if (entry.order.reduceOnly && against === undefined) return draft.endOrder(entry);
    const part = Decimal.min(left, remainingOf(entry), against ?? left);
    if (part.isZero()) return entry;
    fillPart(draft, entry, fill, part);
    left = left.minus(part);
    endOrphans(draft, instrument);
    if (against === undefined || left.isZero()) return draft.order(fill.clientOrderId);
  }
}

function fillPart(draft: AccountDraft, entry: PaperOrder, fill: OrderFill, size: Decimal): void {
  const { instrument, price, liquidity } = fill;
  const { order } = entry;
  const filledValue = entry.filledValue.plus(price.times(size));
  const filledSize = new Decimal(order.filledSize).plus(size);
  draft.putOrder({
    ...entry,
    filledValue,
    order: {
      ...order,
      filledSize: toSize(filledSize),
      averagePrice: toPrice(filledValue.dividedBy(filledSize)),
      status: filledSize.equals(order.size) ? 'filled' : 'partially-filled',
      updatedAtMs: draft.context.atMs,
    },
  });
  const feeRate = new Decimal(liquidity === 'maker' ? instrument.makerFeeRate : instrument.takerFeeRate);
  bookExecution(draft, {
    instrument,
    side: order.side,
    price,
    size,
    liquidity,
    fee: tradeFee(price.times(size), feeRate, 8),
    feeRate,
    reason: 'order',
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId ?? order.clientOrderId,
    leverage: order.leverage ?? draft.position(instrument.id)?.leverage ?? 1,
    marginMode: order.marginMode ?? 'isolated',
    happenedAtMs: fill.happenedAtMs,
  });
}

/** Cancels reduce-only orders that no position stands behind any more. */
export function endOrphans(draft: AccountDraft, instrument: Instrument): void {
  const position = draft.position(instrument.id);
  for (const entry of ordersOn(draft.account, instrument.id)) {
    if (entry.order.reduceOnly && (position === undefined || !opposes(position, entry.order.side)))
      draft.endOrder(entry);
  }
}
