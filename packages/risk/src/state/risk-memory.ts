import { usdSchema } from '@perpdesk/core';
import * as z from 'zod';

/** What Brix remembers of one user beside the reservations. */
export const riskMemorySchema = z.object({
  /** Highest warned level by `<limit>@<venue>`. */
  warned: z.record(z.string(), z.object({ percent: z.int(), day: z.string() })),
  /** First equity seen in the user's day, by venue: used where the account view has no day-open equity of its own. */
  dayOpen: z.record(z.string(), z.object({ day: z.string(), equity: usdSchema, deposits: usdSchema })),
  /** First equity seen in the user's week, by venue. */
  weekOpen: z.record(z.string(), z.object({ week: z.string(), equity: usdSchema, deposits: usdSchema })).default({}),
  /** Equity and deposits when equity − deposits was highest, by venue. */
  peak: z.record(z.string(), z.object({ equity: usdSchema, deposits: usdSchema })).default({}),
  /** Losing trades since the last winner. */
  losses: z.array(z.object({ id: z.string(), atMs: z.int() })).default([]),
  lastWinAtMs: z.int().default(0),
  /** Automated entries let pass in the last hour. `trade` joins the legs of one entry. */
  entries: z.array(z.object({ trade: z.string(), market: z.string(), atMs: z.int() })),
  /** Markets whose automated entries wait for a human. */
  tripped: z.array(z.string()),
});
export type RiskMemory = z.infer<typeof riskMemorySchema>;

/** Of a user never seen. */
export const emptyMemory: RiskMemory = {
  warned: {},
  dayOpen: {},
  weekOpen: {},
  peak: {},
  losses: [],
  lastWinAtMs: 0,
  entries: [],
  tripped: [],
};
