import type { PriceColumns } from './columns.ts';

/** Prices with the open of each bar. `CandleColumns` of core is one. */
export interface OpenPriceColumns extends PriceColumns {
  readonly open: Float64Array;
}
