import { usableQuote } from '../decision/usable-quote.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** Prices must be there, fresh and finite. */
export const marketData: OrderControl<EntryInput> = {
  name: 'market-data',
  check: ({ ticker, intent }) => {
    const priced = usableQuote(ticker, intent.instrumentId);
    return priced.ok ? undefined : priced.rejection;
  },
};
