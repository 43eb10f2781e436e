import { marketOf } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** An order whose outcome is unknown blocks new risk on its market until it is resolved. It may itself be asked for again. */
export const unresolved: OrderControl<EntryInput> = {
  name: 'unresolved',
  check: ({ intent, openOrders }) => {
    const market = marketOf(intent.instrumentId);
    const open = openOrders.find(
      (order) =>
        order.status === 'unresolved' &&
        order.clientOrderId !== intent.clientOrderId &&
        marketOf(order.instrumentId) === market,
    );
    return (
      open &&
      refusal(
        'order.unresolved',
        'What became of an earlier order is not known yet.',
        'no unresolved order',
        open.clientOrderId,
      )
    );
  },
};
