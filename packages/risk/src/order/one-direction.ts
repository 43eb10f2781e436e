import { marketOf } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { exact } from '../exact/exact.ts';
import { isEmpty } from '../exposure/venue-book.ts';
import { directionOf, pendingOf } from './entry-order.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/**
 * One direction a market: an entry never flips a position (close it first, by a reduce-only order), and adds to one only
 * where the user pyramids or where the position is the same trade's earlier leg.
 */
export const oneDirection: OrderControl<EntryInput> = {
  name: 'one-direction',
  check: (input) => {
    const market = marketOf(input.intent.instrumentId);
    const direction = directionOf(input);
    const held = input.positions.filter((position) => marketOf(position.instrumentId) === market && !isEmpty(position));
    if (held.some((position) => position.direction !== direction)) {
      return refusal(
        'position.opposite',
        'The other side of the market is open: close it first.',
        direction,
        'opposite',
      );
    }
    const pending = pendingOf(input);
    const ownTrade = pending !== undefined && exact(pending.baseline).isZero();
    return held.length === 0 || input.user.pyramiding || ownTrade
      ? undefined
      : refusal(
          'position.exists',
          'The market is held already and the user does not add to positions.',
          'none',
          direction,
        );
  },
};
