import {
  Decimal,
  decimal,
  floorToLot,
  type Instrument,
  type Order,
  type Position,
  type Price,
  type Size,
  scale,
  sum,
  type TakeProfit,
  toSize,
} from '@perpdesk/core';
import { guards, leftOf, stopsOf } from '../portfolio/protection-of.ts';

/** What protects a position, from its trade's plan. */
export interface ProtectionPlan {
  readonly stopLoss: Price;
  readonly takeProfits: readonly TakeProfit[];
  /** The size the take profits' fractions are of: all that the position was made of, what was taken of it included. */
  readonly plannedSize: Size;
}

/** A protective order as it should rest at the venue. `slot` names it for ever: `stop`, `target-0`, … */
export interface ProtectiveOrder {
  readonly slot: string;
  readonly type: 'stop-market' | 'take-profit-market';
  readonly purpose: 'stop-loss' | 'take-profit';
  readonly triggerPrice: Price;
  /** What is to be filled yet. */
  readonly size: Size;
}

/**
 * The orders that should rest for a position: one stop over its whole size, and per take profit its fraction of the
 * planned size, rounded down to the lot, less what was taken at it already (`taken`, by slot); the last target takes the
 * rest. Targets never sum to more than the position, nor than fills left of it (`filled`, the venue's word on its size may come later).
 */
export function protectiveOrders(
  position: Pick<Position, 'size'> & { readonly filled?: Size },
  plan: ProtectionPlan,
  instrument: Pick<Instrument, 'lotSize' | 'minSize'>,
  taken: ReadonlyMap<string, Size> = new Map(),
): readonly ProtectiveOrder[] {
  const stop: ProtectiveOrder = {
    slot: 'stop',
    type: 'stop-market',
    purpose: 'stop-loss',
    triggerPrice: plan.stopLoss,
    size: position.size,
  };
  let left = Decimal.min(position.size, position.filled ?? position.size);
  const targets = plan.takeProfits.flatMap((target, index): ProtectiveOrder[] => {
    const slot = `target-${index}`;
    const last = index === plan.takeProfits.length - 1;
    const planned = decimal(floorToLot(instrument.lotSize, scale(plan.plannedSize, target.fraction)));
    const size = last ? left : Decimal.min(planned.minus(taken.get(slot) ?? 0), left);
    if (size.lessThan(instrument.minSize) || size.lessThanOrEqualTo(0)) return [];
    left = left.minus(size);
    return [
      { slot, type: 'take-profit-market', purpose: 'take-profit', triggerPrice: target.price, size: toSize(size) },
    ];
  });
  return [stop, ...targets];
}

/** How much of a position no stop covers that rests or is being executed: "0" when it is protected. */
export function uncoveredSize(
  position: Pick<Position, 'venue' | 'instrumentId' | 'direction' | 'size'>,
  orders: readonly Order[],
): Size {
  const uncovered = decimal(position.size).minus(decimal(sum(stopsOf(position, orders).map(leftOf))));
  return toSize(uncovered.isNegative() ? 0 : uncovered);
}

/** How much of a position market exits have taken whose fills are not known yet: one that never rests is shown open until they are. */
export function exitedSize(
  position: Pick<Position, 'venue' | 'instrumentId' | 'direction' | 'size'>,
  orders: readonly Order[],
): Size {
  const exits = orders.filter(
    (order) => order.type === 'market' && order.purpose === 'exit' && guards(order, position),
  );
  return toSize(sum(exits.map(leftOf)));
}
