import { Decimal, type Rate } from '@perpdesk/core';
import type { HeldPosition } from './held-position.ts';

/**
 * What a position loses from its mark to its stop, taker fee included, never below zero. From the mark, because equity holds
 * the loss so far already. What the resting stop does not cover counts to the liquidation price, or whole where none is known.
 */
export function lossAtStop(position: HeldPosition, takerFeeRate: Rate): Decimal {
  const size = new Decimal(position.size);
  const mark = new Decimal(position.markPrice);
  const { stopLoss, stopSize } = position.protection;
  const covered = stopLoss === undefined ? new Decimal(0) : Decimal.min(size, stopSize);
  const uncovered = size.minus(covered);
  const lossTo = (price: Decimal): Decimal => {
    const way = position.direction === 'long' ? mark.minus(price) : price.minus(mark);
    return Decimal.max(way, 0).plus(price.times(takerFeeRate));
  };
  let loss = new Decimal(0);
  if (stopLoss !== undefined) loss = loss.plus(covered.times(lossTo(new Decimal(stopLoss))));
  if (uncovered.isZero()) return loss;
  const perUnit = position.liquidationPrice === undefined ? mark : lossTo(new Decimal(position.liquidationPrice));
  return loss.plus(uncovered.times(perUnit));
}
