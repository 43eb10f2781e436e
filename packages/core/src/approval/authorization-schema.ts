import * as z from 'zod';
import { orderIntentSchema } from '../domain/order.ts';

/** The longest life of an authorisation, in milliseconds (DESIGN §6). */
export const longestLifetimeMs = 10_000;

/** An authorisation as it crosses a border: nothing missing, nothing more. */
export const authorizationSchema = z.strictObject({
  id: z.string().min(1),
  decisionId: z.string(),
  userId: z.string(),
  contentHash: z.string().regex(/^[0-9a-f]{64}$/),
  issuedAtMs: z.int(),
  expiresAtMs: z.int(),
  algorithm: z.enum(['hmac-sha256', 'ed25519']),
  signature: z.string().regex(/^[\w-]+$/),
});

/** An intent as it was signed: a member that this version does not know would be lost on the way to the venue. */
export const signedIntentSchema = z.strictObject(orderIntentSchema.shape);
