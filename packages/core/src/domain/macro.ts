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
  /** What the figure is about: `2026-11`, `2026-Q3`, or the day of a decision `2026-12-09`. */
  referencePeriod: z.string().max(20).exactOptional(),
  /** True while the date is reckoned by a rule and not yet published by who releases the figure. */
  estimated: z.boolean().exactOptional(),
  /** Who told the date: the name of a source. */
  source: z.string().max(200).exactOptional(),
});
export type MacroEvent = z.infer<typeof macroEventSchema>;

/** The figure of an event, once published. */
export const macroReleaseSchema = z.object({
  event: macroEventSchema,
  actual: z.number(),
  /**
   * (actual − consensus) / the usual size of a surprise of this series, where both are known. Of a revision: (actual − the
   * figure it replaces) / the same size, so that the two add up to the surprise of the figure as revised.
   */
  surprise: z.number().exactOptional(),
  releasedAtMs: z.int(),
  /** Present when this changes a figure that was published before; its event has an id of its own and no consensus. */
  revises: z
    .object({
      /** The event's id at the first release. */
      eventId: z.string(),
      /** 1 for the first revision of a figure. */
      number: z.int().positive(),
      actual: z.number(),
      releasedAtMs: z.int(),
    })
    .exactOptional(),
});
export type MacroRelease = z.infer<typeof macroReleaseSchema>;

/** What a source says of one release of a series: the date, and as far as it knows what is expected and what came out. */
export const macroRecordSchema = macroEventSchema.omit({ id: true }).extend({
  series: z
    .string()
    .min(1)
    .max(60)
    .regex(/^[A-Z0-9._-]+$/),
  referencePeriod: z.string().min(1).max(20),
  unit: z.string().max(20),
  source: z.string().min(1).max(200),
  actual: z.number().exactOptional(),
  /** When the figure came out, ms UTC. Default: as scheduled. */
  releasedAtMs: z.int().exactOptional(),
  /** When this became known, ms UTC. Left out by a source that can not tell: it is then known from when it is first read. */
  knownAtMs: z.int().exactOptional(),
});
export type MacroRecord = z.infer<typeof macroRecordSchema>;
