import * as z from 'zod';
import { macroEventSchema } from './macro.ts';

/**
 * What becomes of an entry that would go out by itself while a policy keeps it back: `ask` makes it a question to the user,
 * with the reason; `decline` drops it.
 */
export const policyOutcomeSchema = z.enum(['ask', 'decline']);
export type PolicyOutcome = z.infer<typeof policyOutcomeSchema>;

export const weekdaySchema = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof weekdaySchema>;

const dayMs = 86_400_000;
const wallTimeSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 22:30');

/**
 * A span of the day in the user's time zone, by the clock on the wall: from `from` on, up to but without `to`. `to` before
 * `from` is the next morning's. A time that a change of the clocks repeats is quiet twice, one that it skips not at all.
 */
export const quietWindowSchema = z
  .object({
    from: wallTimeSchema,
    to: wallTimeSchema,
    /** The days it begins on. Default: every day. */
    days: z.array(weekdaySchema).min(1).max(7).exactOptional(),
  })
  .refine(({ from, to }) => from !== to, 'A quiet window ends at another time than it begins.');
export type QuietWindow = z.infer<typeof quietWindowSchema>;

/** What keeps a user's automatic entries back. Exits and protection never. */
export const userPoliciesSchema = z.object({
  /** Around events of the economic calendar of at least this importance. Without a calendar that is known it asks. */
  pauseAroundCatalysts: z
    .object({
      importance: macroEventSchema.shape.importance,
      /** How long before its time, ms; at most a week. */
      beforeMs: z
        .int()
        .nonnegative()
        .max(7 * dayMs),
      /** How long after its time and after its figure came out, ms; at most a day. */
      afterMs: z.int().nonnegative().max(dayMs),
      otherwise: policyOutcomeSchema,
    })
    .exactOptional(),
  quietHours: z
    .object({ windows: z.array(quietWindowSchema).min(1).max(20), otherwise: policyOutcomeSchema })
    .exactOptional(),
  /** Trades approved in the user's day, by anybody, from which on no more go out by themselves. */
  maxTradesPerDay: z.object({ trades: z.int().nonnegative(), otherwise: policyOutcomeSchema }).exactOptional(),
});
export type UserPolicies = z.infer<typeof userPoliciesSchema>;
