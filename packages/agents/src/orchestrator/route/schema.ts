import * as z from 'zod';
import { chatCommandSchema } from './chat-command.ts';
import { chatIntents, deskAgents, refusalKinds } from './chat-route.ts';

/** What a model answers to where a question goes: choices of ours and digits, nowhere words of its own. */
export const routeAnswerSchema = z.strictObject({
  intent: z.enum(chatIntents),
  agents: z.array(z.enum(deskAgents)).max(deskAgents.length),
  refusal: z.enum(refusalKinds).nullable(),
  command: chatCommandSchema.nullable(),
});
/** See {@link routeAnswerSchema}. */
export type RouteAnswer = z.infer<typeof routeAnswerSchema>;
