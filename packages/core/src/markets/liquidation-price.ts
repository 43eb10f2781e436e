import { Decimal, type Price, type Size, toPrice, type Usd } from '../decimal.ts';
import type { MarginTier } from '../domain/instrument.ts';
import type { TradeDirection } from '../domain/opinion.ts';
import { ValidationError } from '../errors/validation-error.ts';

/** An isolated position in a linear contract. */
export interface IsolatedPosition {
  readonly direction: TradeDirection;
  readonly entryPrice: Price;
  readonly size: Size;
  /** What is set aside for this position alone. */
  readonly margin: Usd;
  /** The instrument's, lowest notional first. */
  readonly tiers: readonly MarginTier[];
}

/**
 * The mark price at which an isolated linear position's equity (margin + unrealised PnL) equals its maintenance margin.
 *
 * long: (entry·size − margin − deduction) / (size·(1 − rate)); short: (entry·size + margin + deduction) / (size·(1 + rate)),
 * which is equity = notional·rate − deduction solved for the price (Binance "How to calculate liquidation price of
 * USDⓈ-M futures contracts"; Hyperliquid "Liquidations"). Rate and deduction are those of the tier that the notional *at
 * that price* falls in: every tier is tried in the order in which a losing position meets them, and the first price met
 * counts, also where a table's deductions leave a jump between tiers.
 *
 * Undefined when no price above zero liquidates it: a long at 1× or less, or a size of zero. Not rounded to the price rule.
 * @throws ValidationError `margin-tiers.invalid` when there is no tier or a rate is not in [0, 1)
 */
export function liquidationPrice(position: IsolatedPosition): Price | undefined {
  const size = new Decimal(position.size);
  if (position.tiers.length === 0) throw new ValidationError('margin-tiers.invalid', 'There are no margin tiers.');
  if (size.isZero()) return undefined;
  const price = position.direction === 'long' ? longPrice(position, size) : shortPrice(position, size);
  return price?.greaterThan(0) ? toPrice(price) : undefined;
}

/** A falling price meets the highest tier first. */
function longPrice({ entryPrice, margin, tiers }: IsolatedPosition, size: Decimal): Decimal | undefined {
  const cost = size.times(entryPrice).minus(margin);
  for (let i = tiers.length - 1; i >= 0; i -= 1) {
    const tier = tiers[i];
    if (tier === undefined) continue;
    const notional = cost.minus(tier.maintenanceDeduction).dividedBy(new Decimal(1).minus(rateOf(tier)));
    if (notional.lessThan(tier.notionalFrom)) continue;
    const ceiling = tiers[i + 1]?.notionalFrom;
    return (ceiling === undefined ? notional : Decimal.min(notional, ceiling)).dividedBy(size);
  }
  return undefined;
}

/** A rising price meets the lowest tier first. */
function shortPrice({ entryPrice, margin, tiers }: IsolatedPosition, size: Decimal): Decimal | undefined {
  const proceeds = size.times(entryPrice).plus(margin);
  for (const [i, tier] of tiers.entries()) {
    const notional = proceeds.plus(tier.maintenanceDeduction).dividedBy(rateOf(tier).plus(1));
    const ceiling = tiers[i + 1]?.notionalFrom;
    if (ceiling !== undefined && notional.greaterThanOrEqualTo(ceiling)) continue;
    return Decimal.max(notional, tier.notionalFrom).dividedBy(size);
  }
  return undefined;
}

function rateOf(tier: MarginTier): Decimal {
  const rate = new Decimal(tier.maintenanceMarginRate);
  if (rate.isNegative() || rate.greaterThanOrEqualTo(1)) {
    throw new ValidationError(
      'margin-tiers.invalid',
      `A maintenance margin rate lies in [0, 1), got ${rate.toFixed()}.`,
    );
  }
  return rate;
}
