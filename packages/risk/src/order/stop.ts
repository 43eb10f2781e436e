import { refusal } from '../decision/refusal.ts';
import { directionOf, pendingOf, quoteOf, worstPrice } from './entry-order.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** Agents enter only with a stop; a stop lies on the losing side of the entry and of the present mark. */
export const stop: OrderControl<EntryInput> = {
  name: 'stop',
  check: (input) => {
    const { intent } = input;
    const stopLoss = intent.stopLoss ?? pendingOf(input)?.stopLoss;
    if (stopLoss === undefined) {
      return intent.origin === 'agent'
        ? refusal('stop.missing', 'An agent enters only with a stop.', 'a stop', 'none')
        : undefined;
    }
    const long = directionOf(input) === 'long';
    for (const price of [worstPrice(input), quoteOf(input)?.mark]) {
      const right = price !== undefined && (long ? price.greaterThan(stopLoss) : price.lessThan(stopLoss));
      if (!right) {
        return refusal(
          'stop.wrong-side',
          `The stop of a ${long ? 'long lies below' : 'short lies above'} the price.`,
          price ?? 'a price',
          stopLoss,
        );
      }
    }
    return undefined;
  },
};
