import { Decimal } from '@perpdesk/core';
import type { ExchangeOrder } from './exchange-order.ts';
import type { ExchangeState } from './exchange-state.ts';
import { arm, endOrder, say, unplace } from './order-places.ts';

/**
 * Lets the children of a parent go, once it is filled, or once no more of it will be: for no more than was filled. They
 * then wait for the mark.
 */
export function activateChildren(state: ExchangeState, parent: ExchangeOrder): void {
  const market = state.marketOf(parent.given.coin);
  for (const child of parent.children) {
    if (child.place !== 'parent') continue;
    const size = Decimal.min(child.remaining, parent.filledSize);
    if (size.isZero()) {
      endOrder(state, child, 'canceled');
      continue;
    }
    unplace(state, child);
    child.remaining = size;
    arm(market, child);
    say(state, child, 'open');
  }
}

/** Ends the stops and take profits that stood beside one that is filled. */
export function endSiblings(state: ExchangeState, filled: ExchangeOrder): void {
  for (const sibling of filled.group?.orders ?? []) {
    if (sibling !== filled) endOrder(state, sibling, 'siblingFilledCanceled');
  }
}
