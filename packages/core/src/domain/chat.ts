import * as z from 'zod';
import { opinionSourceSchema } from './opinion.ts';

/** What an answer rests on: a piece of the desk's state, by its kind and id. */
export const citationSchema = z.object({
  kind: z.enum([
    'opinion',
    'round',
    'recommendation',
    'signal',
    'position',
    'order',
    'account',
    'assessment',
    'track-record',
    'price',
    'setting',
  ]),
  id: z.string().max(300),
  /** When that was so, ms UTC. */
  atMs: z.int(),
});
export type Citation = z.infer<typeof citationSchema>;

/** The longest question that is read. */
export const longestChatText = 4_000;

/** One message of a conversation between a user and the desk. */
export const chatMessageSchema = z.object({
  /** Not guessable. */
  id: z.string(),
  conversationId: z.string(),
  userId: z.string(),
  role: z.enum(['user', 'assistant']),
  /** Who speaks, of the desk: `orchestrator`, `vanta`, `plop`, … */
  agents: z.array(z.string()),
  text: z.string().max(longestChatText),
  citations: z.array(citationSchema),
  /** The action it proposes, which waits to be approved elsewhere. */
  proposalId: z.string().exactOptional(),
  source: opinionSourceSchema.exactOptional(),
  atMs: z.int(),
});
export type ChatMessage = z.infer<typeof chatMessageSchema>;
