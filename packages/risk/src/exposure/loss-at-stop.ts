import type { Rate } from '@perpdesk/core';
import { Exact, exact, zero } from '../exact/exact.ts';
import { figure } from '../exact/figure.ts';
import type { HeldPosition } from './held-position.ts';

/**
 * What a position loses from its mark to its stop, taker fee included, never below zero. From the mark, because equity holds
 * the loss so far already. What the resting stop does not cover counts to the liquidation price, or whole where none is known.
 */
export function lossAtStop(position: HeldPosition, takerFeeRate: Rate): Exact {
  const size = exact(position.size);
  const mark = exact(position.markPrice);
  const { stopLoss, stopSize } = position.protection;
  const covered = stopLoss === undefined ? zero : Exact.min(size, stopSize);
  const uncovered = size.minus(covered);
  const lossTo = (price: Exact): Exact => {
    const way = position.direction === 'long' ? mark.minus(price) : price.minus(mark);
    return Exact.max(way, 0).plus(price.times(figure(takerFeeRate)));
  };
  let loss = zero;
  if (stopLoss !== undefined) loss = loss.plus(covered.times(lossTo(exact(stopLoss))));
  if (uncovered.isZero()) return loss;
  const perUnit = position.liquidationPrice === undefined ? mark : lossTo(exact(position.liquidationPrice));
  return loss.plus(uncovered.times(perUnit));
}
