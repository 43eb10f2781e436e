import * as z from 'zod';

const tokens = z.number().nonnegative().catch(0);

/** Tokens as servers count them; OpenRouter says the cost too. */
export const usageSchema = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  prompt_tokens_details: z.object({ cached_tokens: tokens }).nullish().catch(undefined),
  cost: z.number().nonnegative().nullish().catch(undefined),
});
export type ServerUsage = z.infer<typeof usageSchema>;

/** The part of a completion that is read; servers are many, and none is trusted. */
const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: usageSchema.nullish().catch(undefined),
});

/** What came of one request, streamed or not. */
export interface Completion {
  readonly text: string;
  /** True where the model or its server declined. */
  readonly refused: boolean;
  readonly usage: ServerUsage | undefined;
}

/**
 * A completion's text, or undefined where it is none. A body that its server did not call JSON comes as text.
 * @throws SyntaxError where that text is no JSON.
 */
export function readCompletion(body: unknown): Completion | undefined {
  const parsed = completionSchema.safeParse(typeof body === 'string' ? JSON.parse(body) : body);
  const choice = parsed.data?.choices[0];
  if (choice === undefined) return undefined;
  return {
    text: choice.message.content ?? '',
    refused: (choice.message.refusal ?? '') !== '' || choice.finish_reason === 'content_filter',
    usage: parsed.data?.usage ?? undefined,
  };
}
