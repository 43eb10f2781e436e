import * as z from 'zod';
import { type Completion, usageSchema } from './completion.ts';
import { AnswerTooLong } from './load-openai.ts';

/** The part of a streamed piece that is read. */
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
  usage: usageSchema.nullish().catch(undefined),
});

/**
 * Puts a streamed completion together, telling each piece as it comes. Undefined where no piece was one of a completion. A stream
 * that ends in the middle gives what came of it.
 * @throws AnswerTooLong
 */
export async function readStream(
  chunks: AsyncIterable<unknown>,
  { maxLength, onText }: { readonly maxLength: number; readonly onText: (piece: string) => void },
): Promise<Completion | undefined> {
  let text = '';
  let refused = false;
  let begun = false;
  let usage: Completion['usage'];
  for await (const chunk of chunks) {
    const { data } = chunkSchema.safeParse(chunk);
    // The last piece says the usage, and has no choice.
    usage = data?.usage ?? usage;
    const choice = data?.choices?.[0];
    if (choice === undefined) continue;
    begun = true;
    if ((choice.delta?.refusal ?? '') !== '' || choice.finish_reason === 'content_filter') refused = true;
    const piece = choice.delta?.content ?? '';
    if (piece === '') continue;
    text += piece;
    if (text.length > maxLength) throw new AnswerTooLong();
    onText(piece);
  }
  return begun ? { text, refused, usage } : undefined;
}
