import * as z from 'zod';

/** A yes/no contract of a prediction market. Question and rules are outside text: never trusted. */
export const predictionContractSchema = z.object({
  /** `polymarket:<condition id>` or `kalshi:<ticker>`. */
  id: z.string(),
  venue: z.enum(['polymarket', 'kalshi']),
  /** The venue's readable name: a slug of Polymarket, a ticker of Kalshi. */
  slug: z.string(),
  question: z.string().max(1000),
  category: z.string().exactOptional(),
  closesAtMs: z.int(),
  resolution: z.enum(['yes', 'no', 'void']).exactOptional(),
  /** True while orders are taken. */
  open: z.boolean().exactOptional(),
  /** What decides it, in the venue's words. */
  rules: z.string().max(4000).exactOptional(),
  /** The question it is one answer of: an event's slug or ticker. Contracts of one exclude or order each other. */
  event: z.string().max(200).exactOptional(),
  /** What repeats: a series' slug or ticker. Resolved contracts of one series are comparable. */
  series: z.string().max(200).exactOptional(),
  /** What YES and NO are called where they are called otherwise: Up and Down. */
  labels: z.object({ yes: z.string().max(100), no: z.string().max(100) }).exactOptional(),
  /** What is traded, where the sides have ids of their own. */
  tokens: z.object({ yes: z.string(), no: z.string() }).exactOptional(),
  /** Traded since the beginning; dollars on Polymarket, contracts of one dollar on Kalshi. */
  volume: z.number().nonnegative().exactOptional(),
  /** The same for the last 24 hours. */
  volume24h: z.number().nonnegative().exactOptional(),
});
export type PredictionContract = z.infer<typeof predictionContractSchema>;

/**
 * YES prices of a contract, in [0, 1]; depth in dollars within 5 cents of the mid. A side without orders is 0 or 1, and
 * the mid then says nothing.
 */
export const predictionQuoteSchema = z.object({
  contractId: z.string(),
  bid: z.number().min(0).max(1),
  ask: z.number().min(0).max(1),
  depthUsd: z.number().nonnegative(),
  exchangeAtMs: z.int(),
  receivedAtMs: z.int(),
});
export type PredictionQuote = z.infer<typeof predictionQuoteSchema>;

/** [YES price in (0, 1), contracts of one dollar]. */
export const predictionLevelSchema = z.tuple([z.number().gt(0).lt(1), z.number().positive()]);
export type PredictionLevel = z.infer<typeof predictionLevelSchema>;

/** A whole book in terms of YES: bids highest first, asks lowest first. An offer of NO at p is a bid for YES at 1 − p. */
export const predictionBookSchema = z.object({
  contractId: z.string(),
  bids: z.array(predictionLevelSchema),
  asks: z.array(predictionLevelSchema),
  exchangeAtMs: z.int(),
  receivedAtMs: z.int(),
});
export type PredictionBook = z.infer<typeof predictionBookSchema>;

/** A trade in terms of YES: `side` is what the taker did with YES, selling NO is buying it. */
export const predictionTradeSchema = z.object({
  contractId: z.string(),
  /** Unique within the contract where the venue gives one; left out on Polymarket's socket, which gives none. */
  id: z.string().exactOptional(),
  side: z.enum(['buy', 'sell']),
  price: z.number().min(0).max(1),
  /** Contracts of one dollar. */
  size: z.number().positive(),
  exchangeAtMs: z.int(),
  receivedAtMs: z.int(),
});
export type PredictionTrade = z.infer<typeof predictionTradeSchema>;
