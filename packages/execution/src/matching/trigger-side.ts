import type { Decimal } from '@perpdesk/core';

/**
 * True when a protective order fires on a falling price: sell stops and buy take profits. Stops are hit by a price moving
 * against the position they protect, take profits by one moving for it.
 */
export const firesOnFall = (kind: 'stop-loss' | 'take-profit', side: 'buy' | 'sell'): boolean =>
  (kind === 'stop-loss') === (side === 'sell');

/** True when a mark has reached a trigger. */
export const isReached = (onFall: boolean, trigger: Decimal, mark: Decimal): boolean =>
  onFall ? mark.lessThanOrEqualTo(trigger) : mark.greaterThanOrEqualTo(trigger);
