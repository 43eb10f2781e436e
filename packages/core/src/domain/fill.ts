import * as z from 'zod';
import { priceSchema, rateSchema, sizeSchema, usdSchema } from '../decimal.ts';
import { instrumentIdSchema } from './instrument.ts';
import { sideSchema } from './market-data.ts';

/** One execution of ours. */
export const fillSchema = z.object({
  id: z.string(),
  userId: z.string(),
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  clientOrderId: z.string(),
  venueOrderId: z.string(),
  side: sideSchema,
  price: priceSchema,
  size: sizeSchema,
  /** In the settlement asset, taken to be a dollar stablecoin. Negative: a rebate. */
  fee: usdSchema,
  feeRate: rateSchema,
  liquidity: z.enum(['maker', 'taker']),
  /** What the filled size realised against the position's entry, before fees. "0" when it opened. */
  realizedPnl: usdSchema,
  reason: z.enum(['order', 'liquidation', 'auto-deleveraging']),
  atMs: z.int(),
});
export type Fill = z.infer<typeof fillSchema>;

/** Funding received (positive) or paid (negative) by a position. */
export const fundingPaymentSchema = z.object({
  id: z.string(),
  userId: z.string(),
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  amount: usdSchema,
  /** The market's rate: above zero longs pay. Left out where the venue does not tell. */
  rate: rateSchema.exactOptional(),
  /** Position notional it was reckoned on. Left out where the venue does not tell. */
  notional: usdSchema.exactOptional(),
  atMs: z.int(),
});
export type FundingPayment = z.infer<typeof fundingPaymentSchema>;
