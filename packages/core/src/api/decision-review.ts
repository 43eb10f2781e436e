import * as z from 'zod';
import type { JsonValue } from '../events/json.ts';

/** JSON that may be absent: a value that was or is not there has none. */
const maybeJson = z.custom<JsonValue>((value) => value !== undefined, 'is missing').exactOptional();

const askedQuestionSchema = z.object({
  purpose: z.string(),
  model: z.string(),
  /** `answered`, or the code of the failure. */
  outcome: z.string(),
  /** True when no model was asked: the answer was kept from an earlier question. */
  kept: z.boolean(),
  latencyMs: z.number(),
  usage: z
    .object({ inputTokens: z.number(), outputTokens: z.number(), estimated: z.boolean().exactOptional() })
    .exactOptional(),
  costUsd: z.number().exactOptional(),
});

const explainedPlanSchema = z.object({
  recommendationId: z.string(),
  /** In units of the risk (R) and in hundredths of a percent (bp). */
  edge: z.object({
    riskBp: z.number(),
    rewardR: z.number(),
    feesR: z.number(),
    edgeR: z.number(),
    edgeBp: z.number(),
  }),
  /** Dollars: the notional from which the edge pays for the decision; absent where no size does. */
  breakEvenUsd: z.number().exactOptional(),
});

/** A decision that was made again from what it was made of, and how it came about. */
export const decisionReviewSchema = z.object({
  traceId: z.string(),
  /** True where every step was replayed and came out as it was published. */
  same: z.boolean(),
  /** How many events were reckoned again. */
  replayed: z.int().nonnegative(),
  /** In the order of the decision: the first is the cause of those behind it. */
  differences: z.array(z.object({ step: z.string(), path: z.string(), was: maybeJson, now: maybeJson })),
  /** What could not be replayed, and why. */
  missing: z.array(z.object({ step: z.string(), reason: z.string() })),
  /** What works otherwise than it did then. */
  versions: z.array(
    z.object({ step: z.string(), what: z.enum(['prompt', 'rules']), was: z.string(), now: z.string() }),
  ),
  /** Over what came out now, and over what was published. */
  digest: z.string(),
  recordedDigest: z.string(),
  /** The whole in plain words, a line for each step. */
  text: z.string(),
  steps: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      atMs: z.int(),
      text: z.string(),
      questions: z.array(askedQuestionSchema),
    }),
  ),
  /** What it took of models; `unpriced`: questions whose price is not known. */
  cost: z.object({
    questions: z.int().nonnegative(),
    inputTokens: z.number(),
    outputTokens: z.number(),
    usd: z.number(),
    unpriced: z.int().nonnegative(),
    modelMs: z.number(),
  }),
  plans: z.array(explainedPlanSchema),
});
export type DecisionReview = z.infer<typeof decisionReviewSchema>;
