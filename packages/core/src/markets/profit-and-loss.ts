import { Decimal, type Price, type Size, toPrice, toUsd, type Usd } from '../decimal.ts';
import type { TradeDirection } from '../domain/opinion.ts';
import { ValidationError } from '../errors/validation-error.ts';

const gain = (direction: TradeDirection, from: Price, to: Price, size: Size): Usd => {
  const rise = new Decimal(to).minus(from);
  return toUsd((direction === 'long' ? rise : rise.negated()).times(size));
};

/** What closing a linear position at the mark would realise: (mark − entry) × size for a long, the negative for a short. */
export const unrealizedPnl = (options: {
  readonly direction: TradeDirection;
  readonly entryPrice: Price;
  readonly markPrice: Price;
  readonly size: Size;
}): Usd => gain(options.direction, options.entryPrice, options.markPrice, options.size);

/** What closing `size` of a linear position at `exitPrice` realises, before fees and funding. */
export const realizedPnl = (options: {
  readonly direction: TradeDirection;
  readonly entryPrice: Price;
  readonly exitPrice: Price;
  readonly size: Size;
}): Usd => gain(options.direction, options.entryPrice, options.exitPrice, options.size);

/**
 * The entry price of a position made of several fills, or of a position and a fill that adds to it: Σ price·size / Σ size,
 * rounded half-even at 30 decimals. A partial close leaves the entry price as it is.
 * @throws ValidationError `size.zero` when the sizes sum to nothing
 */
export function averageEntry(parts: readonly { readonly price: Price; readonly size: Size }[]): Price {
  let cost = new Decimal(0);
  let size = new Decimal(0);
  for (const part of parts) {
    cost = cost.plus(new Decimal(part.price).times(part.size));
    size = size.plus(part.size);
  }
  if (size.isZero()) throw new ValidationError('size.zero', 'No size, no average entry.');
  return toPrice(cost.dividedBy(size));
}
