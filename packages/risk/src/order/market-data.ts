import { pricedOf } from './entry-order.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** Prices must be there, fresh and finite. */
export const marketData: OrderControl<EntryInput> = {
  name: 'market-data',
  check: (input) => {
    const priced = pricedOf(input);
    return priced.ok ? undefined : priced.rejection;
  },
};
