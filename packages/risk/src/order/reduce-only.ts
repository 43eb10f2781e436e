import { refusal } from '../decision/refusal.ts';
import { exact } from '../exact/exact.ts';
import { isEmpty } from '../exposure/venue-book.ts';
import type { ExitInput, OrderControl } from './order-input.ts';

/** A reduce-only order reduces: there is a position, it lies on the other side, and it is at least as large. */
export const reduceOnlyTruth: OrderControl<ExitInput> = {
  name: 'reduce-only',
  check: ({ intent, positions }) => {
    const held = positions.find(
      (position) =>
        position.venue === intent.venue && position.instrumentId === intent.instrumentId && !isEmpty(position),
    );
    if (held === undefined)
      return refusal('reduce-only.violated', 'There is no position to reduce.', 'a position', 'none');
    const closing = held.direction === 'long' ? 'sell' : 'buy';
    if (intent.side !== closing)
      return refusal('reduce-only.violated', `A ${held.direction} is reduced by a ${closing}.`, closing, intent.side);
    return exact(intent.size).greaterThan(held.size)
      ? refusal('reduce-only.violated', 'More than what is held can not be closed.', held.size, intent.size)
      : undefined;
  },
};
