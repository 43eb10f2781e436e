import * as z from 'zod';
import { instrumentIdSchema } from './instrument.ts';
import { timeframeSchema } from './timeframe.ts';

/** Who traded in one bar: taker volume in base units and executions, by the taker's side. Delta = buyVolume − sellVolume. */
export const volumeBarSchema = z.object({
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  /** When the bar opens; it closes at openAtMs + timeframeMs(timeframe), exclusive. */
  openAtMs: z.int(),
  buyVolume: z.number().nonnegative(),
  sellVolume: z.number().nonnegative(),
  buyTrades: z.int().nonnegative(),
  sellTrades: z.int().nonnegative(),
});
export type VolumeBar = z.infer<typeof volumeBarSchema>;
