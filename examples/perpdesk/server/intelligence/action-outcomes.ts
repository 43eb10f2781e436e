import { type ActionOutcome, isFinal, isZero, type Order, type Rejection } from '@perpdesk/core';
import type { CloseOutcome, OrderFate } from '@perpdesk/execution';

export const done = (detail: string): ActionOutcome => ({ outcome: 'done', detail });
export const refused = (code: string, message: string): ActionOutcome => ({ outcome: 'refused', code, message });

/** Said of what was approved and could not be begun before its proposal's time was over: by then it may not be meant any more. */
export const late = (): ActionOutcome =>
  refused(
    'proposal.late',
    'It could not be begun before the proposal expired, and nothing was done: ask for it again.',
  );

/** What Brix or a venue answered to an order of the chat, as its user is told. */
export function orderOutcome(sent: CloseOutcome | OrderFate): ActionOutcome {
  switch (sent.outcome) {
    case 'accepted':
      return acceptedOutcome(sent.order);
    case 'flat':
      return done('There was nothing to close.');
    case 'never-landed':
      return refused(
        'order.never-landed',
        'The order never reached the venue, and nothing was done: ask for it again.',
      );
    case 'unknown':
      return {
        outcome: 'unknown',
        detail:
          'The venue has not said what became of the order. It is asked until it does: look before you repeat it.',
      };
    default:
      return rejectedOutcome(sent.rejection);
  }
}

/** True when an order has ended without any fill. */
export const cameToNothing = ({ filledSize, status }: Order): boolean => isFinal(status) && isZero(filledSize);

export const rejectedOutcome = ({ code, message, limit, actual }: Rejection): ActionOutcome =>
  refused(code, limit === undefined || actual === undefined ? message : `${message} Limit: ${limit}; here: ${actual}.`);

function acceptedOutcome(order: Order): ActionOutcome {
  const { averagePrice, filledSize, size, status } = order;
  if (cameToNothing(order)) return refused('order.unfilled', `The order is ${status}: nothing of it was filled.`);
  if (isZero(filledSize)) return done('The venue has taken the order.');
  const at = averagePrice === undefined ? '' : ` at ${averagePrice}`;
  return done(filledSize === size ? `Filled: ${size}${at}.` : `Filled: ${filledSize} of ${size}${at}.`);
}
