/** How log-odds of market, base rate and model are pooled; see {@link poolLogOdds}. */
export interface PoolWeights {
  /** Of ln(mid): 1 takes the market at its word; above 1 says that unlikely contracts are dearer than they come true. */
  readonly up: number;
  /** Of −ln(1 − mid). */
  readonly down: number;
  /** Added to all. */
  readonly shift: number;
  /** How much of the way from the market to the base rate is gone, in [0, 0.5]. */
  readonly base: number;
  /** How much of the way from the market to the model is gone, in [0, 0.8]. */
  readonly model: number;
}

/** One weight and how it is learnt: where it begins, how firmly it is held there, and where it may go. */
interface WeightPrior {
  readonly mean: number;
  /** Standard deviation of the Gaussian prior. */
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
}

/** The names of the weights, in the order of a row of terms. */
export const weightNames = ['up', 'down', 'shift', 'base', 'model'] as const;

/**
 * Where each weight begins: the market as it is, a tenth of the way to the base rate and a fifth of the way to the model. Set once,
 * from reasons: the market is calibrated until outcomes show otherwise, and the least known is held the loosest. A source that
 * turns out wrong goes to 0 and is never inverted: whoever knew that could steer by it.
 */
export const weightPriors: { readonly [Name in keyof PoolWeights]: WeightPrior } = {
  up: { mean: 1, deviation: 0.2, least: 0.5, most: 2 },
  down: { mean: 1, deviation: 0.2, least: 0.5, most: 2 },
  shift: { mean: 0, deviation: 0.1, least: -0.5, most: 0.5 },
  base: { mean: 0.1, deviation: 0.2, least: 0, most: 0.5 },
  model: { mean: 0.2, deviation: 0.3, least: 0, most: 0.8 },
};

/** The weights before anything was learnt. */
export const priorWeights: PoolWeights = {
  up: weightPriors.up.mean,
  down: weightPriors.down.mean,
  shift: weightPriors.shift.mean,
  base: weightPriors.base.mean,
  model: weightPriors.model.mean,
};
