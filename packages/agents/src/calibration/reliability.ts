import type { ScoreBin } from './score-sums.ts';

/** One stretch of confidences: what was said and what came of it. */
export interface ReliabilityPoint {
  /** The confidences in it: from inclusive, to exclusive but for 1. */
  readonly from: number;
  readonly to: number;
  /** Views scored, however old. */
  readonly count: number;
  /** The mean confidence, and the share that hit; older views count less in both. */
  readonly confidence: number;
  readonly hitRate: number;
}

/**
 * How far what was said can be taken at its word. The Brier score of "the move it named came", with confidences rounded to
 * their stretch's mean, is reliability − resolution + uncertainty (A. H. Murphy, "A new vector partition of the probability
 * score", Journal of Applied Meteorology 12, 1973). Reliability is 0 where each confidence is the share that hit; resolution
 * is above 0 where high confidences hit more often than low ones; uncertainty is what nobody can help.
 */
export interface Reliability {
  /** Stretches with at least one view, by confidence. */
  readonly points: readonly ReliabilityPoint[];
  readonly reliability: number;
  readonly resolution: number;
  readonly uncertainty: number;
}

/** The reliability of binned views; undefined of none. */
export function reliabilityOf(bins: readonly ScoreBin[]): Reliability | undefined {
  let weight = 0;
  let hits = 0;
  for (const bin of bins) {
    weight += bin.weight;
    hits += bin.hits;
  }
  if (!(weight > 0)) return undefined;
  const overall = hits / weight;
  const points: ReliabilityPoint[] = [];
  let [reliability, resolution] = [0, 0];
  for (const [index, bin] of bins.entries()) {
    if (!(bin.weight > 0)) continue;
    const confidence = bin.confidence / bin.weight;
    const hitRate = bin.hits / bin.weight;
    points.push({ from: index / bins.length, to: (index + 1) / bins.length, count: bin.count, confidence, hitRate });
    reliability += (bin.weight / weight) * (confidence - hitRate) ** 2;
    resolution += (bin.weight / weight) * (hitRate - overall) ** 2;
  }
  return { points, reliability, resolution, uncertainty: overall * (1 - overall) };
}
