import * as z from 'zod';

/** What a model answers as Plop: a probability and what it rests on. It has no say in prices, sides or sizes. */
export const plopAnswerSchema = z.object({
  probability: z.number().min(0.001).max(0.999),
  evidence: z
    .array(z.object({ feature: z.string().max(80), value: z.number() }))
    .min(1)
    .max(12),
  reasoning: z.string().min(1).max(800),
});
export type PlopAnswer = z.infer<typeof plopAnswerSchema>;
