import { priceSchema, reservationSchema, sizeSchema } from '@perpdesk/core';
import * as z from 'zod';

/** One authorisation drawn on a pending entry, until it can not be sent any more or shows up at the venue. */
export const drawnLegSchema = z.object({
  clientOrderId: z.string(),
  size: sizeSchema,
  /** What was held when it was drawn: what is held beyond was filled since. */
  heldBefore: sizeSchema,
  expiresAtMs: z.int(),
});
export type DrawnLeg = z.infer<typeof drawnLegSchema>;

/** An entry that was let pass and is not filled yet: what it holds back and what may still be sent for it. */
export const pendingEntrySchema = z.object({
  /** What it still holds back. */
  reservation: reservationSchema,
  /** Size of the signal (or order) when it was let pass. */
  size: sizeSchema,
  /** What of it may still be sent: shrinks as parts are filled. */
  remaining: sizeSchema,
  leverage: z.number().positive(),
  stopLoss: priceSchema.exactOptional(),
  /** The entry it was judged at anew, where its user changed it. */
  entry: priceSchema.exactOptional(),
  /** What was held of the instrument in its direction before: a filled part is what is held beyond. */
  baseline: sizeSchema,
  legs: z.array(drawnLegSchema),
});
export type PendingEntry = z.infer<typeof pendingEntrySchema>;

/** The signal id that stands for an order nobody signalled: a ticket, chat, the API. `RiskGate.release` takes it. */
export const orderReservation = (clientOrderId: string): string => `order:${clientOrderId}`;

/** True while a pending entry counts. */
export const isLive = (entry: PendingEntry, atMs: number): boolean => entry.reservation.expiresAtMs > atMs;

/** The signal ids of pending entries that are over: whoever commits next forgets them. */
export const expired = (pending: readonly PendingEntry[], atMs: number): readonly string[] =>
  pending.length === 0
    ? noneExpired
    : pending.filter((entry) => !isLive(entry, atMs)).map(({ reservation }) => reservation.signalId);
const noneExpired: readonly string[] = [];
