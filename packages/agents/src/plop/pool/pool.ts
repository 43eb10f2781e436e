import { fitWeights, type PoolRecord } from './fit-weights.ts';
import { type PoolInputs, poolProbability } from './pool-terms.ts';
import { type PoolWeights, priorWeights } from './pool-weights.ts';

/** How the sources of one venue are pooled, as far as outcomes have taught it. */
export interface Pool {
  readonly weights: PoolWeights;
  /** The furthest that a pooled probability may lie from the mid, in [0, 0.15]. */
  readonly reach: number;
  /** Independent outcomes it was learnt from: events, or contracts without one. */
  readonly outcomes: number;
  /**
   * Mean of (mid − outcome)² − (pooled − outcome)² over outcomes that each fit had not seen, and its standard error; undefined with
   * too few of them.
   */
  readonly gain: { readonly mean: number; readonly error: number } | undefined;
}

/** How far a pool may go from the market, and when. */
export const poolRules = {
  /**
   * Before outcomes show a gain. While the market is calibrated a distance d costs d² of Brier score, so this costs 0.0012 at most, and
   * with a market that is 5 points off on the other side 0.0047.
   */
  unprovenReach: 0.035,
  /** With many outcomes that show a gain. */
  provenReach: 0.15,
  /** Half of the way between the two is given at so many outcomes. */
  halfOutcomes: 200,
  /** Fewer independent outcomes say nothing. */
  leastOutcomes: 50,
  folds: 5,
} as const;

/** The pool before any outcome. */
export const priorPool: Pool = {
  weights: priorWeights,
  reach: poolRules.unprovenReach,
  outcomes: 0,
  gain: undefined,
};

/**
 * Learns a pool from outcomes. Fits the weights, and measures by cross-validation over whole events whether the pooled probability
 * would have beaten the mid on outcomes that it had not seen: by more than one standard error, and it may go further from the
 * market the more outcomes there are; worse by as much, and the market is taken at its word.
 */
export function learnPool(records: readonly PoolRecord[]): Pool {
  const groups = Map.groupBy(records, ({ group }) => group);
  const outcomes = groups.size;
  if (outcomes === 0) return priorPool;
  const weights = fitWeights(records);
  const { unprovenReach, provenReach, halfOutcomes, leastOutcomes } = poolRules;
  if (outcomes < leastOutcomes) return { weights, reach: unprovenReach, outcomes, gain: undefined };
  const gain = unseenGain([...groups.values()]);
  const further = (provenReach - unprovenReach) * (outcomes / (outcomes + halfOutcomes));
  const reach = gain.mean > gain.error ? unprovenReach + further : gain.mean < -gain.error ? 0 : unprovenReach;
  return { weights, reach, outcomes, gain };
}

/** The pooled probability of YES. */
export const pooled = (inputs: PoolInputs, { weights, reach }: Pool): number => poolProbability(inputs, weights, reach);

/** Groups in the order they came go to the folds in turn, so that each fold spans the whole time. */
function unseenGain(groups: readonly (readonly PoolRecord[])[]): NonNullable<Pool['gain']> {
  const { folds, provenReach } = poolRules;
  const gains: number[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const isHeldOut = (_: unknown, index: number): boolean => index % folds === fold;
    const weights = fitWeights(groups.filter((group, index) => !isHeldOut(group, index)).flat());
    for (const group of groups.filter(isHeldOut)) {
      let gain = 0;
      for (const { inputs, cameTrue } of group) {
        const outcome = cameTrue ? 1 : 0;
        gain += (inputs.market - outcome) ** 2 - (poolProbability(inputs, weights, provenReach) - outcome) ** 2;
      }
      gains.push(gain / group.length);
    }
  }
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const squares = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (gains.length - 1) / gains.length) };
}
