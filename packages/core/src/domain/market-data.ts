import * as z from 'zod';
import { instrumentIdSchema } from './instrument.ts';

const moments = {
  /** When the venue says it happened. */
  exchangeAtMs: z.int(),
  /** When it reached us. */
  receivedAtMs: z.int(),
};

/** A buyer or a seller: of a trade, the taker's side. */
export const sideSchema = z.enum(['buy', 'sell']);
export type Side = z.infer<typeof sideSchema>;

/** One execution at a venue between others. Size in base units. */
export const tradeSchema = z.object({
  instrumentId: instrumentIdSchema,
  id: z.string(),
  side: sideSchema,
  price: z.number().positive(),
  size: z.number().positive(),
  ...moments,
});
export type Trade = z.infer<typeof tradeSchema>;

/** [price, size in base units]. */
export const bookLevelSchema = z.tuple([z.number().positive(), z.number().nonnegative()]);
export type BookLevel = z.infer<typeof bookLevelSchema>;

/** A whole book: bids highest first, asks lowest first. */
export const orderBookSchema = z.object({
  instrumentId: instrumentIdSchema,
  bids: z.array(bookLevelSchema),
  asks: z.array(bookLevelSchema),
  sequence: z.int().exactOptional(),
  ...moments,
});
export type OrderBookSnapshot = z.infer<typeof orderBookSchema>;

/** Changed levels: size 0 removes one. */
export const bookDeltaSchema = z.object({
  instrumentId: instrumentIdSchema,
  bids: z.array(bookLevelSchema),
  asks: z.array(bookLevelSchema),
  /** The venue's number of the last change in it. */
  sequence: z.int(),
  /** Of the first change in it, where one delta spans several. */
  firstSequence: z.int().exactOptional(),
  /** Of the change before it: another than the last one seen means that something was missed. */
  previousSequence: z.int().exactOptional(),
  ...moments,
});
export type BookDelta = z.infer<typeof bookDeltaSchema>;

/** The present prices of an instrument. */
export const tickerSchema = z.object({
  instrumentId: instrumentIdSchema,
  last: z.number().positive(),
  /** What margin and liquidation are reckoned with. */
  mark: z.number().positive(),
  index: z.number().positive().exactOptional(),
  bid: z.number().positive(),
  ask: z.number().positive(),
  ...moments,
});
export type Ticker = z.infer<typeof tickerSchema>;

/** A funding rate. Positive: longs pay shorts. */
export const fundingRateSchema = z.object({
  instrumentId: instrumentIdSchema,
  /** A fraction of notional per interval. */
  rate: z.number(),
  intervalMs: z.int().positive(),
  /** The settlement it was or will be paid at. */
  settlesAtMs: z.int(),
  /** True while it may still change. */
  predicted: z.boolean(),
  ...moments,
});
export type FundingRate = z.infer<typeof fundingRateSchema>;

/** Open interest in base units (inverse: contracts) and its value in dollars. */
export const openInterestSchema = z.object({
  instrumentId: instrumentIdSchema,
  size: z.number().nonnegative(),
  notionalUsd: z.number().nonnegative(),
  ...moments,
});
export type OpenInterest = z.infer<typeof openInterestSchema>;

/** A position closed by force. `side` is the side of the closing order: sell = a long was liquidated. */
export const liquidationSchema = z.object({
  instrumentId: instrumentIdSchema,
  side: sideSchema,
  price: z.number().positive(),
  size: z.number().positive(),
  ...moments,
});
export type Liquidation = z.infer<typeof liquidationSchema>;
