import { opinionSourceSchema, regimeSchema, scoredWordSchema, timeframeSchema } from '@perpdesk/core';
import * as z from 'zod';
import { scoreSumsSchema } from './score-sums.ts';

/** A line of the book as it is kept. */
export const bookEntrySchema = z.object({
  agent: z.string(),
  word: scoredWordSchema,
  source: opinionSourceSchema,
  regime: z.union([regimeSchema, z.literal('unknown')]),
  timeframe: timeframeSchema,
  bars: z.int(),
  sums: scoreSumsSchema,
});

/** What is counted of moves, as it is kept. */
export const moveCountsSchema = z.object({ up: z.int(), flat: z.int(), down: z.int() });
