import { fromLogOdds, logOdds } from '@perpdesk/core';
import { clamp } from '../../features/measures.ts';
import { type PoolWeights, weightNames } from './pool-weights.ts';

/** What sources say of one contract, each a probability of YES in (0, 1). */
export interface PoolInputs {
  /** The YES mid. */
  readonly market: number;
  readonly baseRate?: number;
  /** Outcomes that the base rate counts. */
  readonly baseCount?: number;
  readonly model?: number;
}

/** Half of a base rate's weight is earned with so many outcomes. */
const halfBaseCount = 20;
/** No price and no model is taken for surer than this: beyond it, a point of probability would be worth any argument. */
const surest = 0.98;
const leastMid = 0.005;

/** What the weights multiply: (ln m, −ln(1 − m), 1, way to the base rate, way to the model). A source that is not there adds nothing. */
export function poolTerms({ market, baseRate, baseCount = 0, model }: PoolInputs): readonly number[] {
  const mid = clamp(market, leastMid, 1 - leastMid);
  const from = logOdds(mid);
  const wayTo = (said: number | undefined): number =>
    said === undefined ? 0 : logOdds(clamp(said, 1 - surest, surest)) - from;
  return [
    Math.log(mid),
    -Math.log(1 - mid),
    1,
    (baseCount / (baseCount + halfBaseCount)) * wayTo(baseRate),
    wayTo(model),
  ];
}

/**
 * Log-odds of the pooled probability: up·ln m − down·ln(1 − m) + shift + base·s·(l_base − l_m) + model·(l_model − l_m), with
 * l the log-odds, m the mid and s = n/(n + 20) of the base rate's n outcomes. The first three terms are beta calibration
 * of the market (M. Kull, T. Silva Filho, P. Flach, "Beta calibration", AISTATS 2017), which corrects unlikely and likely
 * contracts apart; the others a logarithmic opinion pool of sources with weights (V. A. Satopää et al., "Combining multiple
 * probability predictions using a simple logit model", International Journal of Forecasting 30, 2014), written as
 * shrinkage towards the market.
 */
export function poolLogOdds(inputs: PoolInputs, weights: PoolWeights): number {
  const terms = poolTerms(inputs);
  return weightNames.reduce((sum, name, index) => sum + weights[name] * (terms[index] ?? 0), 0);
}

/** {@link poolLogOdds} as a probability, no further than `reach` from the market and within [0.005, 0.995]. */
export function poolProbability(inputs: PoolInputs, weights: PoolWeights, reach: number): number {
  const { market } = inputs;
  const pooled = fromLogOdds(poolLogOdds(inputs, weights));
  return clamp(
    clamp(pooled, market - reach, market + reach),
    Math.min(market, leastMid),
    Math.max(market, 1 - leastMid),
  );
}
