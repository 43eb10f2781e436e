import * as z from 'zod';
import { priceSchema, rateSchema } from '../decimal.ts';
import { entryStyleSchema } from './user.ts';

/** One order of an entry plan. */
export const entryLegSchema = z.object({
  type: z.enum(['market', 'limit']),
  /** Set for limits. */
  price: priceSchema.exactOptional(),
  /** Share of the signal's size, in (0, 1]; the legs sum to 1. */
  fraction: rateSchema,
});
export type EntryLeg = z.infer<typeof entryLegSchema>;

/** Koda's advice on how to enter a signal. */
export const guidanceSchema = z.object({
  signalId: z.string(),
  userId: z.string(),
  style: entryStyleSchema,
  legs: z.array(entryLegSchema).min(1).max(3),
  /** Expected slippage as a fraction of price, 0.0005 to 0.0025. */
  slippage: rateSchema,
  /** How long limits may rest before the rest is cancelled. */
  expiresAfterMs: z.int().positive(),
  notes: z.array(z.string().max(300)).min(3).max(6),
  source: z.enum(['model', 'rules']),
});
export type Guidance = z.infer<typeof guidanceSchema>;
