import * as z from 'zod';
import { instrumentIdSchema, marketIdSchema } from './instrument.ts';
import { directionSchema, evidenceSchema, keyLevelSchema, opinionSourceSchema } from './opinion.ts';
import { timeframeSchema } from './timeframe.ts';

export const warRoomModeSchema = z.enum(['handoff', 'graph']);
export type WarRoomMode = z.infer<typeof warRoomModeSchema>;

/** Why a round ended without a recommendation. Closed. */
export const standAsideReasonSchema = z.enum([
  'insufficient-history',
  'too-few-agents',
  'too-few-votes',
  'tie',
  'disagreement',
  'low-confidence',
  'geometry',
  'basis',
  'stale-market-data',
  'catalyst-pause',
  'deadline',
]);
export type StandAsideReason = z.infer<typeof standAsideReasonSchema>;

/** Why the word goes to an agent that has spoken already. Closed. */
export const handoffKindSchema = z.enum(['disagreement', 'missing-evidence', 'extreme']);
export type HandoffKind = z.infer<typeof handoffKindSchema>;

/** A turn that is no vote. Closed. */
export const turnRoleSchema = z.enum(['devils-advocate']);
export type TurnRole = z.infer<typeof turnRoleSchema>;

/** One agent's word in a debate. */
export const turnSchema = z.object({
  index: z.int().nonnegative(),
  agent: z.string(),
  direction: directionSchema,
  confidence: z.number().min(0).max(1),
  keyLevels: z.array(keyLevelSchema),
  reasoning: z.string().max(2000),
  evidence: z.array(evidenceSchema),
  source: opinionSourceSchema,
  /** Set when the speaker asks another agent to speak again, and the room lets it. */
  handoff: z.object({ to: z.string(), kind: handoffKindSchema, reason: z.string().max(200) }).exactOptional(),
  /**
   * Absent for a word that is weighed. `devils-advocate`: the strongest case against a strong consensus; `direction` is then the side
   * argued for (`neutral` where nothing was found) and `confidence` the strength of the case, and neither is a vote.
   */
  role: turnRoleSchema.exactOptional(),
});
export type Turn = z.infer<typeof turnSchema>;

/** What the consensus maths made of the final turns; PRODUCT's formula, each term kept. */
export const consensusSchema = z.object({
  direction: directionSchema,
  /** Weighted mean confidence of the larger side. */
  base: z.number(),
  /** min(L, S) / (L + S). */
  disagreement: z.number(),
  /** The result, in [0, 1]. */
  confidence: z.number(),
  /** The devil's advocate and the strength of its case, in [0, 1]; absent where none was heard. */
  challenge: z.object({ agent: z.string(), strength: z.number().min(0).max(1) }).exactOptional(),
  missing: z.array(z.string()),
  stale: z.array(z.string()),
  votes: z.array(
    z.object({
      agent: z.string(),
      direction: directionSchema,
      confidence: z.number(),
      weight: z.number(),
      factor: z.number(),
    }),
  ),
  standAside: standAsideReasonSchema.exactOptional(),
});
export type Consensus = z.infer<typeof consensusSchema>;

/** Who in a round could not work as meant, and why: an agent or Riven fell back to rules, or was spoken for by its opinion. */
export const degradationSchema = z.object({
  /** The agent, `riven`, or `checkpoints`. */
  agent: z.string(),
  /** A stable code, such as `model.timeout` or `turn.timeout`. */
  code: z.string(),
});
export type Degradation = z.infer<typeof degradationSchema>;

/** What the models of a round were paid. */
export const roundCostSchema = z.object({
  /** Dollars, as far as prices are known. */
  usd: z.number().min(0),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
});
export type RoundCost = z.infer<typeof roundCostSchema>;

/** The key of a round: one recommendation at most comes of it, whatever is retried. */
export const roundKey = (market: string, timeframe: string, closeAtMs: number): string =>
  `${market}:${timeframe}:${closeAtMs}`;

export const archetypeSchema = z.enum(['breakout', 'fade', 'momentum', 'hybrid']);
export type Archetype = z.infer<typeof archetypeSchema>;
export const scalingSchema = z.enum(['fixed', 'volatility-based', 'confidence-based']);
export type Scaling = z.infer<typeof scalingSchema>;

export const roundSchema = z.object({
  key: z.string(),
  market: marketIdSchema,
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  closeAtMs: z.int(),
  mode: warRoomModeSchema,
});
export type Round = z.infer<typeof roundSchema>;

export const contributorSchema = z.object({
  agent: z.string(),
  direction: directionSchema,
  confidence: z.number(),
  weight: z.number(),
  factor: z.number(),
  source: opinionSourceSchema,
});
export type Contributor = z.infer<typeof contributorSchema>;
