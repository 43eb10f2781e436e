import * as z from 'zod';

/** A scheduled or published economic event. Titles come from outside: never trusted, always capped. */
export const macroEventSchema = z.object({
  id: z.string(),
  /** The indicator across releases: `US.CPI.YOY`. */
  series: z.string(),
  title: z.string().max(200),
  /** ISO 3166-1 alpha-2, or `EU`. */
  country: z.string().length(2),
  importance: z.enum(['critical', 'high', 'medium', 'low']),
  /** Which way a higher figure moves risk assets, by the four sub-scores of Meridian. */
  theme: z.enum(['rate-expectations', 'growth', 'liquidity', 'risk-appetite']),
  /** +1: above consensus is good for risk assets; −1: bad. */
  polarity: z.union([z.literal(1), z.literal(-1)]),
  scheduledAtMs: z.int(),
  consensus: z.number().exactOptional(),
  previous: z.number().exactOptional(),
  unit: z.string(),
});
export type MacroEvent = z.infer<typeof macroEventSchema>;

/** The figure of an event, once published. */
export const macroReleaseSchema = z.object({
  event: macroEventSchema,
  actual: z.number(),
  /** (actual − consensus) / the usual size of a surprise of this series, where both are known. */
  surprise: z.number().exactOptional(),
  releasedAtMs: z.int(),
});
export type MacroRelease = z.infer<typeof macroReleaseSchema>;
