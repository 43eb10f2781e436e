import type { OpinionScore } from '@perpdesk/core';
import * as z from 'zod';
import { calibrationDefaults as defaults } from './settings.ts';

const binSchema = z.object({
  weight: z.number(),
  /** Sum of weight · confidence. */
  confidence: z.number(),
  /** Sum of weight over hits. */
  hits: z.number(),
  count: z.int(),
});
/** What is known of the scores whose confidence lies in one stretch. */
export type ScoreBin = z.infer<typeof binSchema>;

export const scoreSumsSchema = z.object({
  /** The instant that weights are as of. */
  atMs: z.int(),
  /** Scores, however old. */
  count: z.int(),
  weight: z.number(),
  hits: z.number(),
  brier: z.number(),
  baseBrier: z.number(),
  bins: z.array(binSchema),
});
/** Sums over scores, in which a score of one half-life ago counts half. All but `count` are weighted. */
export type ScoreSums = z.infer<typeof scoreSumsSchema>;

/** Sums over no score. */
export const noScores = (): ScoreSums => ({
  atMs: 0,
  count: 0,
  weight: 0,
  hits: 0,
  brier: 0,
  baseBrier: 0,
  bins: Array.from({ length: defaults.bins }, () => ({ weight: 0, confidence: 0, hits: 0, count: 0 })),
});

/** The sums with one more score, known when its horizon passed. One that comes late counts by its age. */
export function withScore(sums: ScoreSums, score: OpinionScore, halfLifeMs: number): ScoreSums {
  const atMs = sums.count === 0 ? score.dueAtMs : Math.max(sums.atMs, score.dueAtMs);
  const factor = agedBy(sums, atMs, halfLifeMs);
  const weight = 2 ** ((score.dueAtMs - atMs) / halfLifeMs);
  const hits = score.hit ? weight : 0;
  const index = Math.min(defaults.bins - 1, Math.floor(score.confidence * defaults.bins));
  return {
    atMs,
    count: sums.count + 1,
    weight: sums.weight * factor + weight,
    hits: sums.hits * factor + hits,
    brier: sums.brier * factor + weight * score.brier,
    baseBrier: sums.baseBrier * factor + weight * score.baseBrier,
    bins: sums.bins.map((bin, i) =>
      i === index
        ? {
            weight: bin.weight * factor + weight,
            confidence: bin.confidence * factor + weight * score.confidence,
            hits: bin.hits * factor + hits,
            count: bin.count + 1,
          }
        : agedBin(bin, factor),
    ),
  };
}

/** The same sums as of a later instant. An earlier one changes nothing. */
export function agedTo(sums: ScoreSums, atMs: number, halfLifeMs: number): ScoreSums {
  if (sums.count === 0 || atMs <= sums.atMs) return sums;
  const factor = agedBy(sums, atMs, halfLifeMs);
  return {
    atMs,
    count: sums.count,
    weight: sums.weight * factor,
    hits: sums.hits * factor,
    brier: sums.brier * factor,
    baseBrier: sums.baseBrier * factor,
    bins: sums.bins.map((bin) => agedBin(bin, factor)),
  };
}

/** What is left of a weight at a later instant. */
const agedBy = (sums: ScoreSums, atMs: number, halfLifeMs: number): number =>
  sums.count === 0 || atMs <= sums.atMs ? 1 : 2 ** ((sums.atMs - atMs) / halfLifeMs);

const agedBin = (bin: ScoreBin, factor: number): ScoreBin =>
  factor === 1 || bin.count === 0
    ? bin
    : {
        weight: bin.weight * factor,
        confidence: bin.confidence * factor,
        hits: bin.hits * factor,
        count: bin.count,
      };

/** Sums over both. They must be as of one instant. */
export function joined(some: ScoreSums, others: ScoreSums): ScoreSums {
  return {
    atMs: Math.max(some.atMs, others.atMs),
    count: some.count + others.count,
    weight: some.weight + others.weight,
    hits: some.hits + others.hits,
    brier: some.brier + others.brier,
    baseBrier: some.baseBrier + others.baseBrier,
    bins: some.bins.map((bin, i) => {
      const other = others.bins[i];
      return other === undefined
        ? bin
        : {
            weight: bin.weight + other.weight,
            confidence: bin.confidence + other.confidence,
            hits: bin.hits + other.hits,
            count: bin.count + other.count,
          };
    }),
  };
}
