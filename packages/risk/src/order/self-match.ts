import { isFinal } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { type Exact, exact } from '../exact/exact.ts';
import { quoteOf } from './entry-order.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** An order may not trade with one of the same user that rests on the other side. */
export const selfMatch: OrderControl<EntryInput> = {
  name: 'self-match',
  check: (input) => {
    const { intent, openOrders } = input;
    const reach = furthest(input);
    const buys = intent.side === 'buy';
    const own = openOrders.find(
      (order) =>
        order.type === 'limit' &&
        order.price !== undefined &&
        !isFinal(order.status) &&
        order.venue === intent.venue &&
        order.instrumentId === intent.instrumentId &&
        order.side !== intent.side &&
        order.clientOrderId !== intent.clientOrderId &&
        (reach === undefined ||
          (buys ? reach.greaterThanOrEqualTo(order.price) : reach.lessThanOrEqualTo(order.price))),
    );
    return (
      own &&
      refusal(
        'order.self-match',
        "The order would trade with the user's own.",
        own.price ?? 'no own order',
        reach ?? 'the market',
      )
    );
  },
};

/** The last price an order may trade at: its limit, else the collar's edge. */
function furthest(input: EntryInput): Exact | undefined {
  if (input.intent.price !== undefined) return exact(input.intent.price);
  const mark = quoteOf(input)?.mark;
  const collar = exact(input.orderLimits.priceCollar);
  return mark?.times(input.intent.side === 'buy' ? collar.plus(1) : exact(1).minus(collar));
}
