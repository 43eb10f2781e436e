import {
  Decimal,
  type Instrument,
  priceFromNumber,
  roundPrice,
  type Side,
  sizeFromNumber,
  toPrice,
} from '@perpdesk/core';
import type { PaperQuote } from './paper-context.ts';

/** A part of what a taker gets, at one price. */
export interface Slice {
  readonly price: Decimal;
  readonly size: Decimal;
}

/**
 * What taking gives now, best price first. With a book: its levels, less what was taken from it already, down to the limit;
 * beyond the visible depth there is nothing. Without: everything at the touch moved by the assumed slippage against the
 * taker, at worst at the limit.
 */
export function takerSlices(options: {
  readonly side: Side;
  readonly size: Decimal;
  readonly limit?: Decimal;
  readonly quote: PaperQuote;
  readonly instrument: Instrument;
  readonly slippage: Decimal;
  /** What this account took from this book before. */
  readonly taken: Decimal;
}): readonly Slice[] {
  const { side, size, limit, quote, instrument, slippage } = options;
  const buys = side === 'buy';
  const beyond = (price: Decimal): boolean =>
    limit !== undefined && (buys ? price.greaterThan(limit) : price.lessThan(limit));
  if (quote.book === undefined) {
    const touch = new Decimal(
      priceFromNumber(instrument.priceRule, buys ? quote.ask : quote.bid, buys ? 'up' : 'down'),
    );
    if (beyond(touch)) return [];
    const slipped = slip(instrument, touch, side, slippage);
    return [{ price: limit !== undefined && beyond(slipped) ? limit : slipped, size }];
  }
  const slices: Slice[] = [];
  let left = size;
  let gone = options.taken;
  for (const [levelPrice, levelSize] of buys ? quote.book.asks : quote.book.bids) {
    const price = new Decimal(priceFromNumber(instrument.priceRule, levelPrice, 'nearest'));
    if (left.isZero() || beyond(price)) break;
    const shown = new Decimal(sizeFromNumber(instrument.lotSize, levelSize));
    const there = Decimal.max(0, shown.minus(gone));
    gone = Decimal.max(0, gone.minus(shown));
    const part = Decimal.min(left, there);
    if (part.isZero()) continue;
    slices.push({ price, size: part });
    left = left.minus(part);
  }
  return slices;
}

/** A price moved against the taker and rounded against them; never below the first step. */
export function slip(instrument: Instrument, price: Decimal, side: Side, slippage: Decimal): Decimal {
  const moved = price.times(side === 'buy' ? slippage.plus(1) : new Decimal(1).minus(slippage));
  const rounded = new Decimal(roundPrice(instrument.priceRule, toPrice(moved), side === 'buy' ? 'up' : 'down'));
  return rounded.isZero() ? price : rounded;
}
