import * as z from 'zod';
import { priceSchema, sizeSchema, usdSchema } from '../decimal.ts';
import { instrumentIdSchema, marketIdSchema } from './instrument.ts';
import { tradeDirectionSchema } from './opinion.ts';
import { takeProfitSchema } from './recommendation.ts';
import { rejectionSchema, riskStepSchema } from './risk-decision.ts';
import { marginModeSchema } from './user.ts';

/** Brix's sized answer to a recommendation for one user, on the venue it goes to. */
export const signalSchema = z.object({
  /** `signal:<recommendation id>:<user id>`. */
  id: z.string(),
  recommendationId: z.string(),
  userId: z.string(),
  market: marketIdSchema,
  /** The execution venue: `paper`, `hyperliquid`, … */
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  direction: tradeDirectionSchema,
  size: sizeSchema,
  leverage: z.number().positive(),
  marginMode: marginModeSchema,
  /** Levels re-based to the executing instrument and rounded to its price rule. */
  entry: priceSchema,
  stopLoss: priceSchema,
  takeProfits: z.array(takeProfitSchema).min(1),
  confidence: z.number(),
  notional: usdSchema,
  initialMargin: usdSchema,
  /** Loss at the stop, fees of both sides included. */
  riskAtStop: usdSchema,
  reservationId: z.string(),
  isFirstTrade: z.boolean(),
  createdAtMs: z.int(),
  expiresAtMs: z.int(),
});
export type Signal = z.infer<typeof signalSchema>;

/**
 * How long before its time is over an entry ends, ms: what rests is cancelled then, and gone when the next plan is sized at the bar's
 * close, at a venue that is far away as on paper.
 */
export const entrySettleMs = 10_000;

/** What a signal not yet filled holds back. */
export const reservationSchema = z.object({
  id: z.string(),
  userId: z.string(),
  signalId: z.string(),
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  direction: tradeDirectionSchema,
  initialMargin: usdSchema,
  fees: usdSchema,
  notional: usdSchema,
  riskAtStop: usdSchema,
  expiresAtMs: z.int(),
});
export type Reservation = z.infer<typeof reservationSchema>;

/** Door 1's answer for one user: a signal with its reservation, or a recorded rejection; every step kept. */
export const riskDecisionSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('signal'),
    /** `decision:<recommendation id>:<user id>`. */
    id: z.string(),
    recommendationId: z.string(),
    userId: z.string(),
    signal: signalSchema,
    reservation: reservationSchema,
    steps: z.array(riskStepSchema),
    atMs: z.int(),
  }),
  z.object({
    outcome: z.literal('rejected'),
    id: z.string(),
    recommendationId: z.string(),
    userId: z.string(),
    rejection: rejectionSchema,
    /** An opposite position: what the user is offered instead. */
    proposal: z.object({ close: instrumentIdSchema, venue: z.string() }).exactOptional(),
    steps: z.array(riskStepSchema),
    atMs: z.int(),
  }),
]);
export type RiskDecision = z.infer<typeof riskDecisionSchema>;
