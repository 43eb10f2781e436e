import {
  averageEntry,
  liquidationPrice,
  type MarginTier,
  type Price,
  plus,
  type TradeDirection,
  ValidationError,
} from '@perpdesk/core';
import { priceOf, sizeOf, usdOf } from '../exact/branded.ts';
import { Exact, exact, zero } from '../exact/exact.ts';
import { figure } from '../exact/figure.ts';
import type { HeldPosition } from './held-position.ts';

/** Liquidation lies at least this many stop distances away: PRODUCT §2. */
export const liquidationToStop: Exact = exact('1.5');

/** A position that is to be, on top of what is held. */
export interface PlannedPosition {
  readonly direction: TradeDirection;
  readonly entry: Exact;
  readonly leverage: number;
  readonly tiers: readonly MarginTier[];
  readonly held: HeldPosition | undefined;
}

/**
 * How far from the entry it would be liquidated, in price; undefined when no price above zero does. Reckoned as isolated also
 * for cross margin, whose liquidation depends on everything else in the account.
 */
export function liquidationDistance(plan: PlannedPosition, size: Exact): Exact | undefined {
  const price = plannedLiquidation(plan, size);
  if (price === undefined) return undefined;
  const distance = plan.direction === 'long' ? plan.entry.minus(price) : exact(price).minus(plan.entry);
  return Exact.max(distance, 0);
}

/** True when its liquidation is at least `least` away from the entry, in price. */
export function keepsDistance(plan: PlannedPosition, size: Exact, least: Exact): boolean {
  if (survives(plan, size, least)) return true;
  const distance = liquidationDistance(plan, size);
  return distance === undefined || distance.greaterThanOrEqualTo(least);
}

/** The price it would be liquidated at. */
export function plannedLiquidation(
  { direction, entry, leverage, tiers, held }: PlannedPosition,
  size: Exact,
): Price | undefined {
  const added = { price: priceOf(entry), size: sizeOf(size) };
  const margin = usdOf(entry.times(size).dividedBy(leverage));
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
export function tierLeverage({ entry, tiers, held }: PlannedPosition, size: Exact): number {
  const before = held === undefined ? zero : exact(held.markPrice).times(held.size);
  const notional = entry.times(size).plus(before);
  const tier = tiers.findLast(({ notionalFrom }) => notional.greaterThanOrEqualTo(figure(notionalFrom)));
  if (tier === undefined)
    throw new ValidationError('margin-tiers.invalid', `No margin tier holds at a notional of ${notional.toFixed()}.`);
  return tier.maxLeverage;
}

/**
 * True only when it is sure, without a division, that no price up to `distance` away liquidates: equity is at least the
 * maintenance margin there and at every border of a margin tier that is met before, both times the leverage. False says nothing.
 */
function survives({ direction, entry, leverage, tiers, held }: PlannedPosition, size: Exact, distance: Exact): boolean {
  const long = direction === 'long';
  const price = long ? entry.minus(distance) : entry.plus(distance);
  if (!price.greaterThan(0) || !(leverage > 0)) return false;
  const value = entry.times(size);
  const whole = held === undefined ? size : size.plus(held.size);
  const cost = held === undefined ? value : value.plus(exact(held.entryPrice).times(held.size));
  // The margin of what is added, times the leverage, is its value.
  const margin = held === undefined ? value : value.plus(exact(held.margin).times(leverage));
  // Equity is margin ± (notional − cost): what does not depend on the price first.
  const fixed = long ? margin.minus(cost.times(leverage)) : margin.plus(cost.times(leverage));
  const solvent = (notional: Exact, { maintenanceMarginRate, maintenanceDeduction }: MarginTier): boolean => {
    const multiple = notional.times(leverage);
    return (long ? fixed.plus(multiple) : fixed.minus(multiple)).greaterThanOrEqualTo(
      notional.times(figure(maintenanceMarginRate)).minus(figure(maintenanceDeduction)).times(leverage),
    );
  };
  const notional = price.times(whole);
  let there: MarginTier | undefined;
  let below: MarginTier | undefined;
  for (const tier of tiers) {
    const lower = below;
    below = tier;
    const from = figure(tier.notionalFrom);
    const within = notional.greaterThanOrEqualTo(from);
    if (within) there = tier;
    if (lower === undefined || within === long) continue;
    // A long's notional falls through this border, a short's rises through it.
    if (!solvent(from, tier) || !solvent(from, lower)) return false;
  }
  return there !== undefined && solvent(notional, there);
}
