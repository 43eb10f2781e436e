import {
  averageEntry,
  Decimal,
  initialMargin,
  liquidationPrice,
  type MarginTier,
  type Price,
  plus,
  type Size,
  type TradeDirection,
  tierAt,
  toPrice,
  toSize,
  toUsd,
} from '@perpdesk/core';
import type { HeldPosition } from './held-position.ts';

/** Liquidation lies at least this many stop distances away: PRODUCT §2. */
export const liquidationToStop: Decimal = new Decimal('1.5');

/** A position that is to be, on top of what is held. */
export interface PlannedPosition {
  readonly direction: TradeDirection;
  readonly entry: Decimal;
  readonly leverage: number;
  readonly tiers: readonly MarginTier[];
  readonly held: HeldPosition | undefined;
}

/**
 * How far from the entry it would be liquidated, in price; undefined when no price above zero does. Reckoned as isolated also
 * for cross margin, whose liquidation depends on everything else in the account.
 */
export function liquidationDistance(plan: PlannedPosition, size: Decimal): Decimal | undefined {
  const price = plannedLiquidation(plan, size);
  if (price === undefined) return undefined;
  const distance = plan.direction === 'long' ? plan.entry.minus(price) : new Decimal(price).minus(plan.entry);
  return Decimal.max(distance, 0);
}

/** The price it would be liquidated at. */
export function plannedLiquidation(
  { direction, entry, leverage, tiers, held }: PlannedPosition,
  size: Decimal,
): Price | undefined {
  const added: { readonly price: Price; readonly size: Size } = { price: toPrice(entry), size: toSize(size) };
  const margin = initialMargin(toUsd(entry.times(size)), leverage);
  if (held === undefined)
    return liquidationPrice({ direction, entryPrice: added.price, size: added.size, margin, tiers });
  return liquidationPrice({
    direction,
    entryPrice: averageEntry([{ price: held.entryPrice, size: held.size }, added]),
    size: plus(held.size, added.size),
    margin: plus(held.margin, margin),
    tiers,
  });
}

/** The highest leverage that the instrument allows at the notional the position would have. */
export function tierLeverage({ entry, tiers, held }: PlannedPosition, size: Decimal): number {
  const before = held === undefined ? 0 : new Decimal(held.markPrice).times(held.size);
  return tierAt(tiers, toUsd(entry.times(size).plus(before))).maxLeverage;
}
