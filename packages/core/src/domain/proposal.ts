import * as z from 'zod';
import { priceSchema, rateSchema, sizeSchema } from '../decimal.ts';
import { instrumentIdSchema } from './instrument.ts';
import { sideSchema } from './market-data.ts';
import { takeProfitSchema } from './recommendation.ts';
import { autonomySchema, entryStyleSchema, riskLimitsSchema, userSchema } from './user.ts';

/**
 * What a chat may propose, and nothing else. Proposing does nothing: the user approves the proposal by its content hash, and what acts then is
 * judged like any other order or change of a setting.
 */
export const proposedActionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('place-order'),
    instrumentId: instrumentIdSchema,
    /** Absent: the user's best venue that lists it. */
    venue: z.string().min(1).max(64).exactOptional(),
    side: sideSchema,
    type: z.enum(['market', 'limit']),
    size: sizeSchema,
    /** Set for limits. */
    price: priceSchema.exactOptional(),
    /** Every order that brings new risk carries its stop. */
    stopLoss: priceSchema,
    takeProfits: z.array(takeProfitSchema).max(4),
    /** Absent: as the user's position or resting entry in it has, else 1. */
    leverage: z.int().min(1).max(200).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('close-position'),
    venue: z.string().min(1).max(64),
    instrumentId: instrumentIdSchema,
    /** Share of the position, in (0, 1]. */
    fraction: rateSchema,
  }),
  z.strictObject({ kind: z.literal('cancel-order'), clientOrderId: z.string().regex(/^[0-9a-f]{32}$/) }),
  z.strictObject({ kind: z.literal('pause-entries') }),
  z.strictObject({ kind: z.literal('resume-entries') }),
  z.strictObject({
    kind: z.literal('set-autonomy'),
    /** Absent: the user's own level. */
    agent: z.string().min(1).max(64).exactOptional(),
    autonomy: autonomySchema,
  }),
  z.strictObject({ kind: z.literal('set-limits'), limits: riskLimitsSchema.partial() }),
  z.strictObject({
    kind: z.literal('set-preferences'),
    entryPreference: entryStyleSchema.exactOptional(),
    aggression: userSchema.shape.aggression.exactOptional(),
  }),
]);
export type ProposedAction = z.infer<typeof proposedActionSchema>;

export const proposalStatusSchema = z.enum([
  'waiting',
  'approved',
  'declined',
  'expired',
  'void',
  'done',
  'refused',
  'unknown',
]);
/**
 * waiting: for the user. approved: the user said yes, it is being done. void: the price ran away from it before it was approved. done, refused,
 * unknown: what became of it; unknown is never repeated.
 */
export type ProposalStatus = z.infer<typeof proposalStatusSchema>;

/** An action that waits for its user's yes or no. */
export const proposalSchema = z.object({
  /** Not guessable. */
  id: z.string(),
  userId: z.string(),
  conversationId: z.string(),
  action: proposedActionSchema,
  /** SHA-256 over user, id and action in canonical JSON, hexadecimal: what an approval names. */
  contentHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** What it does, in one sentence made by code from the action. */
  summary: z.string().max(500),
  /** Of an order: the mid it was proposed at, and how far the price may run, as a fraction, before it is void. */
  reference: z.object({ price: z.number().positive(), maxDrift: z.number().positive() }).exactOptional(),
  createdAtMs: z.int(),
  /** On the wall clock: people answer in real time. */
  expiresAtMs: z.int(),
  status: proposalStatusSchema,
  /** What became of it, in words: the refusal's code and message. */
  outcome: z.string().max(500).exactOptional(),
});
export type Proposal = z.infer<typeof proposalSchema>;
