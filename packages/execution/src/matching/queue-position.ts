import { Decimal } from '@perpdesk/core';

/** Where a resting order stands at its price. Sizes in base units. */
export interface QueuePosition {
  /** What is filled before it. */
  readonly ahead: Decimal;
  /** What came after it, or is not known to be ahead. */
  readonly behind: Decimal;
}

/** A queue as an order joins it: everything that rests there is ahead. */
export const joinQueue = (resting: Decimal): QueuePosition => ({ ahead: resting, behind: new Decimal(0) });

/** A trade at the order's price: the front goes first. `reached` is what is left of it for the order itself. */
export function tradeThroughQueue(
  queue: QueuePosition,
  size: Decimal,
): { readonly queue: QueuePosition; readonly reached: Decimal } {
  const taken = Decimal.min(queue.ahead, size);
  return { queue: { ...queue, ahead: queue.ahead.minus(taken) }, reached: size.minus(taken) };
}

/**
 * The queue after its price level was seen with another total (the order's own size not in it). Growth joins behind.
 * Shrinking, which no trade explains, was cancelled somewhere unseen: `proportional` takes it from both sides of the order
 * by their sizes; `from-the-back` takes it from behind as far as there is any, which is the least an order can gain.
 */
export function resizeQueue(
  queue: QueuePosition,
  total: Decimal,
  cancelled: 'proportional' | 'from-the-back',
): QueuePosition {
  const before = queue.ahead.plus(queue.behind);
  if (total.greaterThanOrEqualTo(before)) return { ...queue, behind: total.minus(queue.ahead) };
  if (cancelled === 'from-the-back') {
    const ahead = Decimal.min(queue.ahead, total);
    return { ahead, behind: total.minus(ahead) };
  }
  // Rounded up: what is not known is assumed against the order.
  const ahead = Decimal.min(total, queue.ahead.times(total).dividedBy(before).toDecimalPlaces(12, Decimal.ROUND_UP));
  return { ahead, behind: total.minus(ahead) };
}
