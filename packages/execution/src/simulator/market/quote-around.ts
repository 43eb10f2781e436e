import { Decimal, type Instrument, type Price, priceFromNumber, type Size, sizeFromNumber } from '@perpdesk/core';

/** One level a side: everybody trades there, a fraction beyond the touch, as much as so many dollars are. */
export function quoteAround(
  { priceRule, lotSize }: Instrument,
  { bid, ask }: { readonly bid: Decimal; readonly ask: Decimal },
  { slippage, depthUsd }: { readonly slippage: Decimal; readonly depthUsd: number },
): { readonly bids: readonly [readonly [Price, Size]]; readonly asks: readonly [readonly [Price, Size]] } {
  const size = sizeFromNumber(lotSize, new Decimal(depthUsd).dividedBy(ask).toNumber());
  const slipped = (touch: Decimal, by: Decimal): number => touch.times(by.plus(1)).toNumber();
  return {
    bids: [[priceFromNumber(priceRule, slipped(bid, slippage.negated()), 'down'), size]],
    asks: [[priceFromNumber(priceRule, slipped(ask, slippage), 'up'), size]],
  };
}
