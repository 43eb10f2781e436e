import { refusal } from '../decision/refusal.ts';
import type { EntryInput, ExitInput, OrderControl } from './order-input.ts';

/** New-risk orders of a user in the window. */
export const entryThrottle: OrderControl<EntryInput> = {
  name: 'message-throttle',
  check: ({ entryMessages, orderLimits }) =>
    entryMessages < orderLimits.entryMessages
      ? undefined
      : refusal('order.throttled', 'Too many orders in a short time.', orderLimits.entryMessages, entryMessages + 1),
};

/** Exits have room of their own, far wider: it stops a loop that sends stops without end. The kill switch always passes. */
export const exitThrottle: OrderControl<ExitInput> = {
  name: 'message-throttle',
  check: ({ intent, exitMessages, orderLimits }) =>
    intent.origin === 'kill-switch' || exitMessages < orderLimits.exitMessages
      ? undefined
      : refusal('order.throttled', 'Too many exits in a short time.', orderLimits.exitMessages, exitMessages + 1),
};
