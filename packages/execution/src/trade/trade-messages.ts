import { orderStatusSchema, sizeSchema, usdSchema } from '@perpdesk/core';
import * as z from 'zod';
import { approvalEditSchema } from './approval-edit.ts';

/** News of one of a trade's entry orders. */
export const legNewsSchema = z.object({
  clientOrderId: z.string(),
  status: orderStatusSchema,
  filledSize: sizeSchema,
});
export type LegNews = z.infer<typeof legNewsSchema>;

/** A position that a trade had entered and that has closed: what of the trade was in it, and its share of what came out. */
export const closingSchema = z.object({
  /** Names the closing: one that is told twice counts once. */
  id: z.string(),
  size: sizeSchema,
  realizedPnl: usdSchema,
  fees: usdSchema,
  funding: usdSchema,
});
export type Closing = z.infer<typeof closingSchema>;

/**
 * A part of an entry's fill that lessened a position of the other direction: it is in no position of the trade's, and no
 * closing tells of it.
 */
export const nettingSchema = z.object({
  /** Names the fill: one that is told twice counts once. */
  id: z.string(),
  size: sizeSchema,
});
export type Netting = z.infer<typeof nettingSchema>;

/** What a running trade is told, through its workflow's mailbox. */
export const tradeMessageSchema = z.discriminatedUnion('kind', [
  legNewsSchema.extend({ kind: z.literal('order') }),
  closingSchema.extend({ kind: z.literal('closed') }),
  nettingSchema.extend({ kind: z.literal('netted') }),
]);
export type TradeMessage = z.infer<typeof tradeMessageSchema>;

/** The answer to a request for approval. */
export const approvalAnswerSchema = z.discriminatedUnion('answer', [
  z.object({ answer: z.literal('approved'), contentHash: z.string() }),
  z.object({ answer: z.literal('declined'), reason: z.string().max(300) }),
  z.object({ answer: z.literal('expired') }),
]);
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>;

/** A wish to change what waits: not an answer, it goes on waiting. */
export const editRequestSchema = z.object({
  answer: z.literal('edited'),
  /** Names the request to who waits for what came of it. */
  requestId: z.string(),
  /** The plan that is changed. */
  contentHash: z.string(),
  edit: approvalEditSchema,
});
export type EditRequest = z.infer<typeof editRequestSchema>;

/** What comes in for a signal that waits for its user. */
export const approvalMessageSchema = z.discriminatedUnion('answer', [
  ...approvalAnswerSchema.options,
  editRequestSchema,
]);

/** The mailbox topics of a trade. */
export const tradeTopics = { trade: 'trade', approval: 'approval' } as const;
