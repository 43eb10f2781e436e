import * as z from 'zod';
import { evidenceSchema, opinionSourceSchema } from './opinion.ts';
import { predictionContractSchema } from './prediction-market.ts';

/** Below this distance between probability and mid there is no edge, whatever the spread. */
export const leastPredictionEdge = 0.03;

/** True where the edge is too small to mean anything: under 3 points, or under half the spread that must be paid for it. */
export const isNoEdge = (edge: number, spread: number): boolean =>
  Math.abs(edge) < leastPredictionEdge - 1e-9 || Math.abs(edge) < spread / 2 - 1e-9;

const probability = z.number().gt(0).lt(1);

/** How likely a contract of a prediction market is to come out YES, against what the market pays for it. */
export const predictionAssessmentSchema = z
  .object({
    /** `assessment:<contract id>:<atMs>`. */
    id: z.string(),
    contractId: z.string(),
    venue: predictionContractSchema.shape.venue,
    /** The question it is one answer of; see `PredictionContract.event`. */
    event: z.string().max(200).exactOptional(),
    atMs: z.int(),
    closesAtMs: z.int(),
    /** The calibrated probability of YES, in (0, 1). */
    probability,
    /** The mid of the YES book, in (0, 1). */
    mid: probability,
    /** Best ask less best bid, in [0, 1]. */
    spread: z.number().min(0).max(1),
    /** probability − mid. */
    edge: z.number().gt(-1).lt(1),
    /** True where {@link isNoEdge} holds. */
    noEdge: z.boolean(),
    /** What is cheap: `none` where there is no edge. */
    side: z.enum(['yes', 'no', 'none']),
    /** How much the probability rests on, in [0, 1]; not the probability itself. */
    confidence: z.number().min(0).max(1),
    /** What each source says by itself, for scoring them apart; the base rate with how many outcomes it counts. */
    inputs: z.object({
      market: probability,
      baseRate: probability.exactOptional(),
      baseCount: z.int().nonnegative().exactOptional(),
      model: probability.exactOptional(),
    }),
    /** The numbers it rests on, by the names of the computed features. */
    evidence: z.array(evidenceSchema),
    /** Who judged: `model` only where a model's probability is among the inputs. */
    source: opinionSourceSchema,
    reasoning: z.string().max(2000),
  })
  .refine(({ edge, probability: p, mid }) => Math.abs(p - mid - edge) < 1e-6, 'edge is not probability − mid')
  .refine(
    ({ edge, spread, noEdge, side }) =>
      noEdge === isNoEdge(edge, spread) && side === (noEdge ? 'none' : edge > 0 ? 'yes' : 'no'),
    'side and noEdge do not follow from the edge',
  );
export type PredictionAssessment = z.infer<typeof predictionAssessmentSchema>;

/** A contract that stands out among all that were looked through. */
export const predictionDiscoverySchema = z.object({
  assessment: predictionAssessmentSchema,
  /** The venue's readable name. */
  slug: z.string(),
  /** Foreign text, cleaned and capped. */
  question: z.string().max(300),
  /** Dollars paid for a contract that pays one dollar, the fee included. */
  cost: z.number().positive(),
  /** What a dollar paid is expected to bring beyond itself, for each day until closing. */
  valuePerDay: z.number().positive(),
  /** What it is ranked by: value per day, weighed with confidence and depth. */
  score: z.number().positive(),
  /** 1 is the best of its scan. */
  rank: z.int().positive(),
});
export type PredictionDiscovery = z.infer<typeof predictionDiscoverySchema>;

/** How an assessment came out, beside the market it was held against. */
export const predictionScoreSchema = z.object({
  assessmentId: z.string(),
  contractId: z.string(),
  venue: predictionContractSchema.shape.venue,
  outcome: z.enum(['yes', 'no', 'void']),
  probability,
  mid: probability,
  /** (probability − outcome)²; left out of a void contract. */
  brier: z.number().min(0).max(1).exactOptional(),
  /** (mid − outcome)²; left out of a void contract. */
  marketBrier: z.number().min(0).max(1).exactOptional(),
  source: opinionSourceSchema,
  assessedAtMs: z.int(),
  resolvedAtMs: z.int(),
});
export type PredictionScore = z.infer<typeof predictionScoreSchema>;
