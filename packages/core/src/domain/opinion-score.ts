import * as z from 'zod';
import { instrumentIdSchema, marketIdSchema } from './instrument.ts';
import { directionSchema, opinionSourceSchema, regimeSchema } from './opinion.ts';
import { timeframeSchema } from './timeframe.ts';

/** What a market did over a horizon: closed above the band around where it was, inside it, or below it. */
export const marketMoveSchema = z.enum(['up', 'flat', 'down']);
export type MarketMove = z.infer<typeof marketMoveSchema>;

/** Probabilities of the three moves; they sum to 1. */
export const moveProbabilitiesSchema = z.object({
  up: z.number().min(0).max(1),
  flat: z.number().min(0).max(1),
  down: z.number().min(0).max(1),
});
export type MoveProbabilities = z.infer<typeof moveProbabilitiesSchema>;

/**
 * Whose word is scored: an agent's published opinion, its last turn in a debate, or what its rules would have said where a
 * model made the opinion.
 */
export const scoredWordSchema = z.enum(['opinion', 'final-turn', 'ruled']);
export type ScoredWord = z.infer<typeof scoredWordSchema>;

const scoredView = {
  /** `score:<subject>:<bars>`. */
  id: z.string(),
  word: scoredWordSchema,
  /** The opinion's id; `<opinion>:ruled`; `turn:<round>:<agent>`. */
  subjectId: z.string(),
  agent: z.string(),
  market: marketIdSchema,
  instrumentId: instrumentIdSchema,
  /** What the horizon is counted in: of an opinion its own timeframe, of a turn its round's. */
  timeframe: timeframeSchema,
  /** How many bars it looks ahead. */
  bars: z.int().positive(),
  source: opinionSourceSchema,
  /** The market's state when it was said, as known then: its own, else the last one told. */
  regime: regimeSchema.exactOptional(),
  direction: directionSchema,
  confidence: z.number().min(0).max(1),
  /** What it speaks of. */
  atMs: z.int(),
  /** When its horizon passes: the close of a bar. */
  dueAtMs: z.int(),
};

/** How one view came out at one horizon. Prices are closes of the reference instrument. */
export const opinionScoreSchema = z.object({
  ...scoredView,
  entryPrice: z.number().positive(),
  exitPrice: z.number().positive(),
  /** A move within this fraction of the entry price, either way, is none. */
  band: z.number().positive(),
  /** How often the market moved which way before, as known when it was said. */
  baseRates: moveProbabilitiesSchema,
  move: marketMoveSchema,
  /** Whether the move was the one it named: up for long, down for short, flat for neutral. */
  hit: z.boolean(),
  /** Half the squared error over the three moves, 0 (certain and right) to 1 (certain and wrong). */
  brier: z.number().min(0).max(1),
  /** The same of the base rates. */
  baseBrier: z.number().min(0).max(1),
});
export type OpinionScore = z.infer<typeof opinionScoreSchema>;

/** Why a view could not be scored. Closed. `insufficient-history`: too few bars to say what a move is. */
export const unscoredReasonSchema = z.enum(['no-entry-price', 'no-exit-price', 'insufficient-history']);
export type UnscoredReason = z.infer<typeof unscoredReasonSchema>;

/** A view that can not be scored, since candles are missing: nothing is guessed. */
export const unscoredOpinionSchema = z.object({ ...scoredView, reason: unscoredReasonSchema });
export type UnscoredOpinion = z.infer<typeof unscoredOpinionSchema>;

/** An agent's forecasts became worse than its own past, or are as before again. */
export const calibrationDriftSchema = z.object({
  agent: z.string(),
  source: opinionSourceSchema,
  bars: z.int().positive(),
  state: z.enum(['drifted', 'recovered']),
  /** The end of the day that showed it. */
  atMs: z.int(),
  /** The mean of a day's Brier score less the base rates', before; below 0 is better than they. */
  usual: z.number(),
  /** The same of the days since the alarm's sum began to grow, or since the alarm. */
  recent: z.number(),
  /** The alarm's sum, in standard deviations, and where it rings. */
  statistic: z.number(),
  limit: z.number(),
});
export type CalibrationDrift = z.infer<typeof calibrationDriftSchema>;
