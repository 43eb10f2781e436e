import * as z from 'zod';
import { instrumentIdSchema } from './instrument.ts';
import { timeframeSchema } from './timeframe.ts';

/** One bar. Prices in quote units per base unit, volume in base units, all float64. */
export const candleSchema = z.object({
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  /** When the bar opens; it closes at openAtMs + timeframeMs(timeframe), exclusive. */
  openAtMs: z.int(),
  open: z.number().positive(),
  high: z.number().positive(),
  low: z.number().positive(),
  close: z.number().positive(),
  volume: z.number().nonnegative(),
});
export type Candle = z.infer<typeof candleSchema>;

/** Bars of one series as columns, oldest first, all of one length. */
export interface CandleColumns {
  readonly length: number;
  readonly openAtMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** Minutes (or bars) that a series lacks: from the first missing bar's open to the open of the next present one. */
export const candleGapSchema = z.object({
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  fromMs: z.int(),
  toMs: z.int(),
  missing: z.int().positive(),
});
export type CandleGap = z.infer<typeof candleGapSchema>;
