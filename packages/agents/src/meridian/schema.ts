import * as z from 'zod';
import { commonAnswer, type ModelAnswerSchema } from '../model/answer-schema.ts';

const importance = z.enum(['critical', 'high', 'medium', 'low']);

/** What only Meridian says, in an opinion's `details`. */
export const meridianDetailsSchema = z.object({
  /** −25 to 25 each, those with data: rateExpectations, growth, liquidity, riskAppetite. */
  components: z.record(z.string(), z.number()),
  macroRegime: z.enum(['risk-on', 'risk-off', 'neutral']),
  /** Events of the alert window, the most important first. Titles come from outside: plain text, capped. */
  catalysts: z.array(
    z.object({
      series: z.string(),
      title: z.string(),
      country: z.string(),
      importance,
      scheduledAtMs: z.int(),
    }),
  ),
  /** Figures of the last days against what was expected, newest first; `impact` positive is good for risk assets. */
  releases: z.array(
    z.object({
      series: z.string(),
      title: z.string(),
      importance,
      outcome: z.enum(['beat', 'miss', 'in-line']),
      actual: z.number(),
      consensus: z.number().exactOptional(),
      impact: z.number(),
      releasedAtMs: z.int(),
    }),
  ),
});
export type MeridianDetails = z.infer<typeof meridianDetailsSchema>;

/** What a model answers as Meridian. */
export function meridianAnswerSchema(components: readonly string[]) {
  return z.object(commonAnswer(components)) satisfies ModelAnswerSchema;
}
export type MeridianAnswer = z.infer<ReturnType<typeof meridianAnswerSchema>>;
