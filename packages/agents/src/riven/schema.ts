import * as z from 'zod';

/** What a model may say about a plan: words, and which of the computed targets to keep. */
export const synthesisSchema = z.object({
  reasoning: z.string().min(1).max(2000),
  /** Indexes into the computed targets, at least one. */
  keepTargets: z.array(z.int().nonnegative()).min(1).max(4),
});
export type SynthesisAnswer = z.infer<typeof synthesisSchema>;
