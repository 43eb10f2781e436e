import * as z from 'zod';

const snapshotSchema = z.object({
  minute: z.int(),
  numbers: z.array(z.number()),
  random: z.tuple([z.int(), z.int(), z.int(), z.int()]),
});

/** All that a market simulator needs to go on as if it had never stopped. JSON, about 6 kB. */
export const simulatorStateSchema = z.object({
  version: z.literal(1),
  seed: z.string(),
  backfillDays: z.int().positive(),
  markets: z.array(z.string()).min(1),
  venues: z.array(z.string()).min(1),
  /** The instant of the last step; of the first one to come when there was none yet. */
  atMs: z.int(),
  /** The model before the present minute. */
  present: snapshotSchema,
  /** Steps made in the present minute, 0 to 30. */
  ticks: z.int().min(0).max(30),
  /** True until the first step of all. */
  fresh: z.boolean(),
  /** The model at least `backfillDays` ago (the first), from which history is made again. */
  checkpoints: z.tuple([snapshotSchema, snapshotSchema]),
});
export type SimulatorState = z.infer<typeof simulatorStateSchema>;
