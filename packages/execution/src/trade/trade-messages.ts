import { orderStatusSchema, sizeSchema, usdSchema } from '@perpdesk/core';
import * as z from 'zod';

/** What a running trade is told, through its workflow's mailbox. */
export const tradeMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('order'), clientOrderId: z.string(), status: orderStatusSchema, filledSize: sizeSchema }),
  z.object({ kind: z.literal('closed'), realizedPnl: usdSchema, fees: usdSchema, funding: usdSchema }),
]);
export type TradeMessage = z.infer<typeof tradeMessageSchema>;

/** The answer to a request for approval. */
export const approvalAnswerSchema = z.discriminatedUnion('answer', [
  z.object({ answer: z.literal('approved'), contentHash: z.string() }),
  z.object({ answer: z.literal('declined'), reason: z.string().max(300) }),
  z.object({ answer: z.literal('expired') }),
]);
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>;

/** The mailbox topics of a trade. */
export const tradeTopics = { trade: 'trade', approval: 'approval' } as const;
