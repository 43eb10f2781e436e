import * as z from 'zod';
import { usdSchema } from '../decimal.ts';

/** A user's account at a venue. equity = balance + unrealizedPnl. */
export const accountSchema = z.object({
  userId: z.string(),
  venue: z.string(),
  asset: z.string(),
  balance: usdSchema,
  equity: usdSchema,
  unrealizedPnl: usdSchema,
  usedMargin: usdSchema,
  availableMargin: usdSchema,
  /** Sums since the account began: equity = deposits + realizedPnl + unrealizedPnl − fees + funding. */
  deposits: usdSchema,
  realizedPnl: usdSchema,
  fees: usdSchema,
  funding: usdSchema,
  positionMode: z.enum(['one-way', 'hedge']),
  atMs: z.int(),
});
export type Account = z.infer<typeof accountSchema>;

/** An amount whose asset varies. */
export const moneySchema = z.object({ amount: usdSchema, asset: z.string() });
export type Money = z.infer<typeof moneySchema>;
