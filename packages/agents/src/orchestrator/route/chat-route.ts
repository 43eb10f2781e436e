import { marketIdSchema } from '@perpdesk/core';
import * as z from 'zod';
import { chatCommandSchema } from './chat-command.ts';

/** What a question asks for. Closed. */
export const chatIntents = [
  /** What agents think of a market. */
  'opinion',
  /** Why the last round ended as it did. */
  'why',
  'positions',
  'account',
  'orders',
  /** Signals that wait for the user. */
  'pending',
  /** Limits, autonomy and whether entries are on. */
  'settings',
  /** How well agents did. */
  'track-record',
  'price',
  /** A contract of a prediction market, or the best of them. */
  'prediction',
  /** An action, which can only be proposed. */
  'act',
  'help',
  /** What no chat gives. */
  'refuse',
  'unknown',
] as const;
export type ChatIntent = (typeof chatIntents)[number];

/** Why a question is refused. Closed. */
export const refusalKinds = ['other-users', 'secrets', 'skip-risk', 'raise-limit', 'prompt'] as const;
export type RefusalKind = (typeof refusalKinds)[number];

/** The agents of the desk, in the order they speak. */
export const deskAgents = ['vanta', 'luma', 'meridian', 'riven', 'brix', 'koda', 'plop', 'orchestrator'] as const;

/** Where a question goes. JSON-safe. */
export const chatRouteSchema = z.strictObject({
  intent: z.enum(chatIntents),
  /** Who is asked by name or topic; none: whoever knows. */
  agents: z.array(z.string().max(64)).max(16),
  /** Those named in the question, in its order. */
  markets: z.array(marketIdSchema).max(8),
  /** The link, slug, ticker or id of a prediction market's contract, as it stands in the question. Foreign text. */
  contract: z.string().max(500).exactOptional(),
  /** The action as far as it was said. */
  command: chatCommandSchema.exactOptional(),
  /** Words of a command that were not understood: it is then not drafted. Foreign text. */
  unread: z.array(z.string().max(100)).max(8).exactOptional(),
  refusal: z.enum(refusalKinds).exactOptional(),
  /** Markets that something in the question looks like without being them. */
  lookAlikes: z.array(marketIdSchema).max(8).exactOptional(),
  by: z.enum(['rules', 'model']),
});
/** See {@link chatRouteSchema}. */
export type ChatRoute = z.infer<typeof chatRouteSchema>;
