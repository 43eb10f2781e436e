import * as z from 'zod';
import { priceSchema, rateSchema } from '../decimal.ts';
import { exitRulesSchema } from './exit-rules.ts';
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

/**
 * How the legs are paced. `twap`: each in equal slices over the time, the first at once. `chase`: limits rest at the touch
 * and follow it, at most `moves` times, each after `pauseMs`, never further than `maxDistance` of the signal's entry from it;
 * what is left then is cancelled, or taken at the market within that distance.
 */
export const entryPacingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('twap'), slices: z.int().min(2).max(100), durationMs: z.int().positive() }),
  z.object({
    kind: z.literal('chase'),
    moves: z.int().min(1).max(50),
    pauseMs: z.int().min(500),
    maxDistance: rateSchema,
    finish: z.enum(['cancel', 'take']),
  }),
]);
export type EntryPacing = z.infer<typeof entryPacingSchema>;

/** Koda's advice on how to enter a signal. */
export const guidanceSchema = z.object({
  signalId: z.string(),
  userId: z.string(),
  style: entryStyleSchema,
  legs: z.array(entryLegSchema).min(1).max(3),
  /** Expected slippage as a fraction of price, 0.0005 to 0.0025. */
  slippage: rateSchema,
  /** How long limits may rest before the rest is cancelled; `entrySettleMs` before the signal expires it is, however late they began. */
  expiresAfterMs: z.int().positive(),
  /** Absent: every leg goes at once and rests where it is. */
  pacing: entryPacingSchema.exactOptional(),
  /** When the position ends beside its stop and targets; absent: the user's own rules. */
  exits: exitRulesSchema.exactOptional(),
  notes: z.array(z.string().max(300)).min(3).max(6),
  source: z.enum(['model', 'rules']),
});
export type Guidance = z.infer<typeof guidanceSchema>;
