import * as z from 'zod';
import { commonAnswer, type ModelAnswerSchema } from '../model/answer-schema.ts';

/** How much a score says: neutral below 20, weak below 40, moderate below 70, else strong. */
export const lumaLabelSchema = z.enum(['neutral', 'weak', 'moderate', 'strong']);
export type LumaLabel = z.infer<typeof lumaLabelSchema>;

/** What only Luma says, in an opinion's `details`. */
export const lumaDetailsSchema = z.object({
  /** −25 to 25 each, those with data: openInterest, funding, volume, flow. */
  components: z.record(z.string(), z.number()),
  label: lumaLabelSchema,
  /** Open interest × price, where open interest is known. */
  quadrant: z.enum(['new-longs', 'new-shorts', 'short-covering', 'capitulation', 'flat']).exactOptional(),
  /** True when three bars made most of the volume. */
  concentrated: z.boolean(),
  /** True when the filter turned a view that is not strong into a neutral one. */
  filtered: z.boolean(),
});
export type LumaDetails = z.infer<typeof lumaDetailsSchema>;

/** What a model answers as Luma. */
export function lumaAnswerSchema(components: readonly string[]) {
  return z.object(commonAnswer(components)) satisfies ModelAnswerSchema;
}
export type LumaAnswer = z.infer<ReturnType<typeof lumaAnswerSchema>>;
