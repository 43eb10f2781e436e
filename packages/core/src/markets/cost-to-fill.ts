import { Decimal, type Price, type Size, toPrice, toSize, toUsd, type Usd } from '../decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { BookLevel } from '../domain/market-data.ts';
import { sizeFromNumber } from './lots.ts';
import { faithful, priceFromNumber } from './price-rounding.ts';

/** What taking from one side of a book gives. */
export interface CostToFill {
  /** At most what was asked for, less when the book is too thin. */
  readonly filled: Size;
  /** What the filled size costs. */
  readonly notional: Usd;
  /** notional / filled; absent when nothing is filled. */
  readonly averagePrice?: Price;
  /** The last level touched; absent when nothing is filled. */
  readonly worstPrice?: Price;
}

/**
 * Walks one side of a book, best level first, until `size` is filled. The result is exact in decimals: each level's floats
 * are converted once, by the instrument's price rule and lot when it is given (a level's size down to the lot), else as
 * their shortest notation, which is the text the venue sent.
 * @throws ValidationError `decimal.invalid` or `price.invalid` for a level that is not a positive finite number
 */
export function costToFill(
  levels: Iterable<BookLevel>,
  size: Size,
  instrument?: Pick<Instrument, 'priceRule' | 'lotSize'>,
): CostToFill {
  let left = new Decimal(size);
  let cost = new Decimal(0);
  let worst: Price | undefined;
  for (const [levelPrice, levelSize] of levels) {
    if (left.isZero()) break;
    const there = instrument ? new Decimal(sizeFromNumber(instrument.lotSize, levelSize)) : faithful(levelSize);
    if (!there.greaterThan(0)) continue;
    const taken = Decimal.min(left, there);
    worst = instrument ? priceFromNumber(instrument.priceRule, levelPrice, 'nearest') : toPrice(faithful(levelPrice));
    cost = cost.plus(taken.times(worst));
    left = left.minus(taken);
  }
  const filled = new Decimal(size).minus(left);
  return {
    filled: toSize(filled),
    notional: toUsd(cost),
    ...(worst === undefined ? {} : { averagePrice: toPrice(cost.dividedBy(filled)), worstPrice: worst }),
  };
}
