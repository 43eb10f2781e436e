import type { OpinionScore } from '@perpdesk/core';
import { type BlockBootstrapOptions, blockMeanInterval } from './block-bootstrap.ts';

/** What can be said of a model against the rules it stands in for. */
export interface SourceComparison {
  /**
   * `model-better` and `rules-better` where the interval leaves 0 out; `no-difference-found` where it does not;
   * `not-enough-data` below 100 pairs or 20 days.
   */
  readonly verdict: 'model-better' | 'rules-better' | 'no-difference-found' | 'not-enough-data';
  /** Triggers and horizons at which both were scored, and the days they fall on. */
  readonly pairs: number;
  readonly blocks: number;
  /** Both sides on them; left out where there is none. */
  readonly model?: SourceSummary;
  readonly rules?: SourceSummary;
  /** Rules less model: above 0 the model is better. */
  readonly difference?: number;
  /** Where the difference lies, with the coverage asked for. Left out where data is not enough. */
  readonly interval?: readonly [low: number, high: number];
}

/** One side: its mean Brier score and the share that hit. */
export interface SourceSummary {
  readonly brier: number;
  readonly hitRate: number;
}

const leastPairs = 100;
const leastBlocks = 20;

/**
 * Does the model beat the rules? Compares the scores of a model's opinions with those of what the rules would have said at the
 * very same triggers and horizons, pair by pair (the loss differential of F. X. Diebold and R. S. Mariano, "Comparing
 * predictive accuracy", Journal of Business & Economic Statistics 13, 1995). The interval draws whole days, see
 * {@link blockMeanInterval}.
 *
 * @param scores of words `opinion` and `ruled`; others, and those without their other half, are left out.
 * @throws ValidationError `bootstrap.options` for options out of range.
 * @example
 * ```ts
 * const scores = await store.scores({ agent: 'vanta', words: ['opinion', 'ruled'], bars: 4 });
 * compareModelWithRules(scores, { seed: 'report' }).verdict; // 'no-difference-found'
 * ```
 */
export function compareModelWithRules(
  scores: readonly OpinionScore[],
  options: BlockBootstrapOptions,
): SourceComparison {
  const pairs = pairsOf(scores);
  const differences = pairs.map(({ model, rules }) => ({ atMs: model.atMs, value: rules.brier - model.brier }));
  const found = blockMeanInterval(differences, options);
  if (found === undefined) return { verdict: 'not-enough-data', pairs: 0, blocks: 0 };
  const { mean: difference, interval, blocks } = found;
  const known = {
    pairs: pairs.length,
    blocks,
    model: summaryOf(pairs.map(({ model }) => model)),
    rules: summaryOf(pairs.map(({ rules }) => rules)),
    difference,
  };
  if (pairs.length < leastPairs || blocks < leastBlocks) return { verdict: 'not-enough-data', ...known };
  const verdict = interval[0] > 0 ? 'model-better' : interval[1] < 0 ? 'rules-better' : 'no-difference-found';
  return { verdict, ...known, interval };
}

function pairsOf(scores: readonly OpinionScore[]): readonly { model: OpinionScore; rules: OpinionScore }[] {
  const ruled = new Map<string, OpinionScore>();
  for (const score of scores) if (score.word === 'ruled') ruled.set(`${score.subjectId}:${score.bars}`, score);
  return scores.flatMap((model) => {
    if (model.word !== 'opinion' || model.source !== 'model') return [];
    const rules = ruled.get(`${model.subjectId}:ruled:${model.bars}`);
    return rules === undefined ? [] : [{ model, rules }];
  });
}

function summaryOf(scores: readonly OpinionScore[]): SourceSummary {
  let [brier, hits] = [0, 0];
  for (const score of scores) {
    brier += score.brier;
    if (score.hit) hits += 1;
  }
  return { brier: brier / scores.length, hitRate: hits / scores.length };
}
