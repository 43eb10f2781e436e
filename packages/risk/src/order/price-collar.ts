import type { Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { type Quote, usableQuote } from '../decision/usable-quote.ts';
import type { Exact } from '../exact/exact.ts';
import { quoteOf, worstPrice } from './entry-order.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/**
 * The price must lie near the mark and near a second reference, and these near one another. The second reference is the
 * index, else the market's mark at its reference venue, else the instrument's own mid.
 */
export const priceCollar: OrderControl<EntryInput> = {
  name: 'price-collar',
  check: (input) => {
    const quote = quoteOf(input);
    const price = worstPrice(input);
    if (quote === undefined || price === undefined)
      return refusal('market-data.missing', 'There is no price to compare with.', 'a fresh ticker', 'none');
    const second = secondReference(input, quote);
    const collar = input.orderLimits.priceCollar;
    return (
      beyond(quote.mark, second, collar, 'Mark and second reference are too far apart') ??
      beyond(price, quote.mark, collar, 'The price is too far from the mark') ??
      beyond(price, second, collar, 'The price is too far from the second reference')
    );
  },
};

function secondReference({ referenceTicker, intent }: EntryInput, quote: Quote): Exact {
  if (quote.index !== undefined) return quote.index;
  const reference = usableQuote(referenceTicker, intent.instrumentId);
  return reference.ok ? reference.quote.mark : quote.mid;
}

function beyond(price: Exact, from: Exact, collar: string, what: string): Rejection | undefined {
  const distance = price.minus(from).abs().dividedBy(from);
  return distance.lessThanOrEqualTo(collar) ? undefined : refusal('price.collar', `${what}.`, collar, distance);
}
