import { directionSchema } from '@perpdesk/core';
import * as z from 'zod';
import { componentBound } from '../analyst/score.ts';

/** What every agent's model answers; agents add their own members. */
export interface ModelAnswer {
  readonly direction: z.infer<typeof directionSchema>;
  readonly components: Readonly<Record<string, number>>;
  readonly keyLevels: readonly { readonly kind: 'support' | 'resistance'; readonly price: number }[];
  readonly evidence: readonly { readonly feature: string; readonly value: number }[];
  readonly reasoning: string;
}
export type ModelAnswerSchema<Answer extends ModelAnswer = ModelAnswer> = z.ZodType<Answer>;

const component = z.number().min(-componentBound).max(componentBound);

/**
 * The members that all answers share. Code adds components up to the score and derives direction and confidence; the answer
 * states its direction so that a model that contradicts itself is found out.
 */
export function commonAnswer(components: readonly string[]) {
  return {
    direction: directionSchema,
    components: z.object(Object.fromEntries(components.map((name) => [name, component]))),
    keyLevels: z.array(z.object({ kind: z.enum(['support', 'resistance']), price: z.number().positive() })).max(8),
    evidence: z
      .array(z.object({ feature: z.string().max(80), value: z.number() }))
      .min(1)
      .max(16),
    reasoning: z.string().min(1).max(800),
  };
}
