import * as z from 'zod';

/** A yes/no contract of a prediction market. Question and rules are outside text: never trusted. */
export const predictionContractSchema = z.object({
  id: z.string(),
  venue: z.enum(['polymarket', 'kalshi']),
  slug: z.string(),
  question: z.string().max(1000),
  category: z.string().exactOptional(),
  closesAtMs: z.int(),
  resolution: z.enum(['yes', 'no', 'void']).exactOptional(),
});
export type PredictionContract = z.infer<typeof predictionContractSchema>;

/** YES prices of a contract, in [0, 1]; depth in dollars within 5 cents of the mid. */
export const predictionQuoteSchema = z.object({
  contractId: z.string(),
  bid: z.number().min(0).max(1),
  ask: z.number().min(0).max(1),
  depthUsd: z.number().nonnegative(),
  exchangeAtMs: z.int(),
  receivedAtMs: z.int(),
});
export type PredictionQuote = z.infer<typeof predictionQuoteSchema>;
