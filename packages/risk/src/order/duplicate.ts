import type { OrderIntent } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** What makes two orders the same order: everything but the id and who asked. */
export const contentOf = (intent: OrderIntent): string =>
  [
    intent.userId,
    intent.venue,
    intent.instrumentId,
    intent.side,
    intent.type,
    intent.size,
    intent.price ?? '',
    intent.triggerPrice ?? '',
  ].join('|');

/** Equal content under another id within the window is one order sent twice. The same id again is the same order. */
export const duplicate: OrderControl<EntryInput> = {
  name: 'duplicate',
  check: ({ duplicateOf, orderLimits }) =>
    duplicateOf === undefined
      ? undefined
      : refusal(
          'order.duplicate',
          'The same order was let pass a moment ago.',
          `once in ${orderLimits.duplicateWindowMs} ms`,
          duplicateOf,
        ),
};
