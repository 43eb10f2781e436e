import * as z from 'zod';
import { priceSchema, sizeSchema, usdSchema } from '../decimal.ts';
import { instrumentIdSchema } from './instrument.ts';
import { tradeDirectionSchema } from './opinion.ts';
import { marginModeSchema } from './user.ts';

/** Why a position ended. */
export const closeReasonSchema = z.enum([
  'stop-loss',
  'take-profit',
  'time-exit',
  'funding-exit',
  'manual',
  'kill-switch',
  'unprotected',
  'liquidation',
  'auto-deleveraging',
  'closed-elsewhere',
]);
export type CloseReason = z.infer<typeof closeReasonSchema>;

/** A position as its venue holds it. One per user, venue and instrument. */
export const positionSchema = z.object({
  userId: z.string(),
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  direction: tradeDirectionSchema,
  size: sizeSchema,
  entryPrice: priceSchema,
  markPrice: priceSchema,
  leverage: z.number().positive(),
  marginMode: marginModeSchema,
  /** Initial margin held. */
  margin: usdSchema,
  unrealizedPnl: usdSchema,
  /** Since it was opened, before fees and funding. */
  realizedPnl: usdSchema,
  liquidationPrice: priceSchema.exactOptional(),
  openedAtMs: z.int(),
  updatedAtMs: z.int(),
});
export type Position = z.infer<typeof positionSchema>;

/** The protective orders that rest at the venue for a position. */
export const protectionSchema = z.object({
  stopLoss: priceSchema.exactOptional(),
  /** How much of the position the resting stop covers. */
  stopSize: sizeSchema,
  takeProfits: z.array(z.object({ price: priceSchema, size: sizeSchema })),
});
export type Protection = z.infer<typeof protectionSchema>;
