import * as z from 'zod';
import { priceSchema, sizeSchema } from '../decimal.ts';
import { instrumentIdSchema } from './instrument.ts';
import { sideSchema } from './market-data.ts';
import { closeReasonSchema } from './position.ts';
import { rejectionSchema } from './risk-decision.ts';
import { marginModeSchema } from './user.ts';

export const orderTypeSchema = z.enum(['market', 'limit', 'stop-market', 'take-profit-market']);
export type OrderType = z.infer<typeof orderTypeSchema>;

/** Why an order exists. Entries carry new risk; the others only lessen it. */
export const orderPurposeSchema = z.enum(['entry', 'stop-loss', 'take-profit', 'exit']);
export type OrderPurpose = z.infer<typeof orderPurposeSchema>;

/** Who asked for an order. */
export const orderOriginSchema = z.enum(['agent', 'chat', 'manual', 'api', 'guard', 'kill-switch']);
export type OrderOrigin = z.infer<typeof orderOriginSchema>;

/** One leg that somebody wants sent: what Brix judges and an authorisation is bound to. */
export const orderIntentSchema = z.object({
  /** Unique for ever: derived from (workflow, step), so that a repeat is found and not sent again. 32 hexadecimal digits. */
  clientOrderId: z.string().regex(/^[0-9a-f]{32}$/),
  userId: z.string(),
  venue: z.string(),
  instrumentId: instrumentIdSchema,
  side: sideSchema,
  type: orderTypeSchema,
  size: sizeSchema,
  /** Limits: the limit. Market orders: the worst price accepted, where the caller bounds it. */
  price: priceSchema.exactOptional(),
  /** Stops and take profits: the mark price that triggers. */
  triggerPrice: priceSchema.exactOptional(),
  timeInForce: z.enum(['gtc', 'ioc', 'post-only']),
  reduceOnly: z.boolean(),
  purpose: orderPurposeSchema,
  origin: orderOriginSchema,
  /** Of an exit: why the position is closed. */
  closeReason: closeReasonSchema.exactOptional(),
  /** The stop that will protect an entry; required of agents. */
  stopLoss: priceSchema.exactOptional(),
  leverage: z.number().positive().exactOptional(),
  /** How the margin of the position it opens is held. A position that is there keeps its own. Default isolated. */
  marginMode: marginModeSchema.exactOptional(),
  /** The trace of the decision it comes from. */
  traceId: z.string().exactOptional(),
  /** The trade it belongs to. */
  tradeId: z.string().exactOptional(),
  /** The signal whose reservation it draws on. */
  signalId: z.string().exactOptional(),
});
export type OrderIntent = z.infer<typeof orderIntentSchema>;

/** intended: persisted, not known to be sent. unresolved: sent, outcome unknown. See `isFinal`. */
export const orderStatusSchema = z.enum([
  'intended',
  'unresolved',
  'open',
  'partially-filled',
  'filled',
  'canceled',
  'rejected',
  'expired',
  'triggered',
]);
export type OrderStatus = z.infer<typeof orderStatusSchema>;

/** An order as the venue and we know it. */
export const orderSchema = z.object({
  ...orderIntentSchema.shape,
  venueOrderId: z.string().exactOptional(),
  status: orderStatusSchema,
  filledSize: sizeSchema,
  averagePrice: priceSchema.exactOptional(),
  rejection: rejectionSchema.exactOptional(),
  createdAtMs: z.int(),
  updatedAtMs: z.int(),
});
export type Order = z.infer<typeof orderSchema>;

/** True when nothing more can happen to an order. */
export const isFinal = (status: OrderStatus): boolean =>
  status === 'filled' || status === 'canceled' || status === 'rejected' || status === 'expired';
