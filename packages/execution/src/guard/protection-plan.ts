import {
  Decimal,
  floorToLot,
  type Instrument,
  type Order,
  type Position,
  type Price,
  type Size,
  scale,
  type TakeProfit,
  toSize,
} from '@perpdesk/core';

/** What protects a position, from its trade's plan. */
export interface ProtectionPlan {
  readonly stopLoss: Price;
  readonly takeProfits: readonly TakeProfit[];
  /** The size the take profits' fractions are of: the largest the position has been. */
  readonly plannedSize: Size;
}

/** A protective order as it should rest at the venue. `slot` names it for ever: `stop`, `target-0`, … */
export interface ProtectiveOrder {
  readonly slot: string;
  readonly type: 'stop-market' | 'take-profit-market';
  readonly purpose: 'stop-loss' | 'take-profit';
  readonly triggerPrice: Price;
  readonly size: Size;
}

/**
 * The orders that should rest for a position: one stop over its whole size, and per take profit its fraction of the
 * planned size that was not taken yet, rounded down to the lot; the last target takes the rest. Targets already reached
 * (`taken` slots) are left out, and targets never sum to more than the position.
 */
export function protectiveOrders(
  position: Pick<Position, 'size'>,
  plan: ProtectionPlan,
  instrument: Pick<Instrument, 'lotSize' | 'minSize'>,
  taken: ReadonlySet<string> = new Set(),
): readonly ProtectiveOrder[] {
  const stop: ProtectiveOrder = {
    slot: 'stop',
    type: 'stop-market',
    purpose: 'stop-loss',
    triggerPrice: plan.stopLoss,
    size: position.size,
  };
  let left = new Decimal(position.size);
  const open = plan.takeProfits
    .map((target, index) => ({ target, slot: `target-${index}` }))
    .filter(({ slot }) => !taken.has(slot));
  const targets = open.flatMap(({ target, slot }, index): ProtectiveOrder[] => {
    const last = index === open.length - 1;
    const planned = new Decimal(floorToLot(instrument.lotSize, scale(plan.plannedSize, target.fraction)));
    const size = last ? left : Decimal.min(planned, left);
    if (size.lessThan(instrument.minSize) || size.isZero()) return [];
    left = left.minus(size);
    return [
      { slot, type: 'take-profit-market', purpose: 'take-profit', triggerPrice: target.price, size: toSize(size) },
    ];
  });
  return [stop, ...targets];
}

/** How much of a position no resting stop covers: "0" when it is protected. */
export function uncoveredSize(position: Pick<Position, 'size' | 'instrumentId'>, orders: readonly Order[]): Size {
  const covered = orders
    .filter(
      (order) =>
        order.purpose === 'stop-loss' &&
        order.instrumentId === position.instrumentId &&
        (order.status === 'open' || order.status === 'partially-filled'),
    )
    .reduce((sum, order) => sum.plus(order.size).minus(order.filledSize), new Decimal(0));
  const uncovered = new Decimal(position.size).minus(covered);
  return toSize(uncovered.isNegative() ? 0 : uncovered);
}
