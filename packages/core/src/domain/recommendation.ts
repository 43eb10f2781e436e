import * as z from 'zod';
import { priceSchema, rateSchema } from '../decimal.ts';
import { instrumentIdSchema, marketIdSchema } from './instrument.ts';
import { opinionSourceSchema, regimeSchema, tradeDirectionSchema } from './opinion.ts';
import { archetypeSchema, contributorSchema, scalingSchema } from './round.ts';
import { timeframeSchema } from './timeframe.ts';

/** A price to leave at and the share of the position that leaves there. */
export const takeProfitSchema = z.object({
  price: priceSchema,
  /** In (0, 1]; the fractions of a plan sum to 1. */
  fraction: rateSchema,
});
export type TakeProfit = z.infer<typeof takeProfitSchema>;

/** Riven's plan: the same for every user. A long has stop < entry < take profits, a short the reverse. */
export const recommendationSchema = z.object({
  /** `recommendation:<round key>`. */
  id: z.string(),
  roundKey: z.string(),
  market: marketIdSchema,
  /** The reference instrument, whose prices the levels are. */
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  direction: tradeDirectionSchema,
  entry: priceSchema,
  stopLoss: priceSchema,
  takeProfits: z.array(takeProfitSchema).min(1).max(4),
  confidence: z.number().min(0).max(1),
  archetype: archetypeSchema,
  scaling: scalingSchema,
  regime: regimeSchema.exactOptional(),
  /** ATR of the timeframe and its median over the last 50 bars, in quote units: what volatility scaling is reckoned with. */
  atr: z.number().positive(),
  atrMedian: z.number().positive(),
  reasoning: z.string().max(4000),
  /** Who worded the reasoning and chose among the targets. */
  reasonedBy: opinionSourceSchema.exactOptional(),
  contributors: z.array(contributorSchema),
  createdAtMs: z.int(),
  expiresAtMs: z.int(),
});
export type Recommendation = z.infer<typeof recommendationSchema>;
