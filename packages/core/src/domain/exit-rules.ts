import * as z from 'zod';
import { rateSchema } from '../decimal.ts';

/**
 * When the guard ends or tightens a position by itself, beside its stop and targets. R is the distance from the entry to the
 * stop that was approved. A stop only ever moves towards profit.
 */
export const exitRulesSchema = z.object({
  /** The stop follows the best mark since the entry at this distance, a fraction of that mark, once the gain is `fromR` R. */
  trailing: z.object({ distance: rateSchema, fromR: z.number().nonnegative() }).exactOptional(),
  /** The stop moves to the entry and beyond it by `offset`, a fraction of it (fees of both sides), once the gain is `atR` R. */
  breakEven: z.object({ atR: z.number().positive(), offset: rateSchema }).exactOptional(),
  /** Closed at the market after it was open for so long, ms. */
  maxHoldMs: z.int().positive().exactOptional(),
  /** Closed at the market while it would pay more funding a day than this fraction of its notional, at the rate in force. */
  maxFundingPerDay: rateSchema.exactOptional(),
});
export type ExitRules = z.infer<typeof exitRulesSchema>;
