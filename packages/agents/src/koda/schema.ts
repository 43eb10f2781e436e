import * as z from 'zod';

/** What a model may say about an entry: which of the candidates, and why. Orders, stop and risk are told by code. */
export const kodaAnswerSchema = z.object({
  /** Index into the candidates. */
  choice: z.int().nonnegative(),
  notes: z.array(z.string().trim().min(1).max(300)).min(1).max(2),
});
export type KodaAnswer = z.infer<typeof kodaAnswerSchema>;
