import type { InstrumentId } from '@perpdesk/core';
import { useInstruments } from '@perpdesk/react';
import { useCallback } from 'react';
import { priceDecimals, showPrice } from './format.ts';

/** Shows prices of an instrument with the decimals that its venue quotes at a price of that size. */
export function usePriceFormat(): (instrumentId: InstrumentId, price: number | string) => string {
  const instruments = useInstruments().data;
  return useCallback(
    (instrumentId, price) => {
      const rule = instruments?.find((instrument) => instrument.id === instrumentId)?.priceRule;
      return showPrice(price, rule === undefined ? undefined : priceDecimals(rule, Number(price)));
    },
    [instruments],
  );
}
