import * as z from 'zod';

/** One sentence of an answer, and the facts it is said from. */
export const answerSentenceSchema = z.strictObject({
  text: z.string().min(1).max(400),
  facts: z
    .array(z.string().regex(/^f\d{1,2}$/))
    .min(1)
    .max(6),
});

/** What a model answers with: sentences, each with the facts that it may use the numbers of. */
export const answerSchema = z.strictObject({ sentences: z.array(answerSentenceSchema).min(1).max(8) });
export type AnswerSentence = z.infer<typeof answerSentenceSchema>;
