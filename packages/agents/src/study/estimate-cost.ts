import { ConfigError, type LanguageModel } from '@perpdesk/core';
import { microUsdOf, usdOfMicro } from '../model/price/cost.ts';
import type { StudyCounts } from './study-counter.ts';

/** What a paid run is reckoned from. */
export interface CostSample {
  /** A run in `measure` mode, over the whole window or a part of it. */
  readonly counts: Pick<StudyCounts, 'questions' | 'estimatedInputTokens' | 'mostUsd'>;
  /** The rounds that were held in it. */
  readonly rounds: number;
  /** Tokens that an answer takes, thinking included, as measured by questions that were paid for. Default: the most it may take, 1,024 and thinking. */
  readonly outputTokensPerAnswer?: number;
}

/** What a paid run would cost. */
export interface CostEstimate {
  readonly rounds: number;
  readonly questions: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Each question asked once. */
  readonly usd: number;
  /** With every answer at its bound and every question repaired: it can not be more, as long as it is asked as often. */
  readonly mostUsd: number;
}

const defaultMaxOutputTokens = 1_024;

/**
 * What a paid run over so many rounds would cost: rounds × questions a round × tokens × prices, from a sample. An estimate: models that
 * answer may lead to more or fewer plans than rules, whose questions come on top; what bounds the cost is the cap.
 * @throws ConfigError `model.no-prices` for a model whose prices are not known; `study.sample` for a sample without a round
 */
export function estimateStudyCost(
  { name, about = {} }: Pick<LanguageModel, 'name' | 'about'>,
  sample: CostSample,
  rounds: number,
): CostEstimate {
  const { inputUsdPerMillion, outputUsdPerMillion, reasoningTokens = 0 } = about;
  if (inputUsdPerMillion === undefined || outputUsdPerMillion === undefined)
    throw new ConfigError(
      'model.no-prices',
      `What a run costs needs the prices of ${name}: 0 for a model of your own.`,
    );
  if (!(sample.rounds > 0))
    throw new ConfigError('study.sample', 'The sample has no round: let it run over more bars.');
  const share = rounds / sample.rounds;
  const { outputTokensPerAnswer = defaultMaxOutputTokens + reasoningTokens, counts } = sample;
  const questions = Math.ceil(counts.questions * share);
  const usage = {
    inputTokens: Math.ceil(counts.estimatedInputTokens * share),
    outputTokens: Math.ceil(questions * outputTokensPerAnswer),
  };
  const usd = usdOfMicro(microUsdOf(usage, { inputUsdPerMillion, outputUsdPerMillion }));
  return { rounds, questions, ...usage, usd, mostUsd: Math.max(usd, Math.ceil(counts.mostUsd * share * 1e6) / 1e6) };
}
