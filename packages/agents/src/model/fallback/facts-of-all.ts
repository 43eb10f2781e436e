import type { LanguageModel, ModelFacts } from '@perpdesk/core';

/**
 * What holds for a chain of models, whichever answers: the latest cutoff, the highest prices, the most thinking; a cutoff or price that
 * one of them does not tell is not known.
 */
export function factsOfAll(models: readonly LanguageModel[]): ModelFacts {
  const facts = models.map(({ about }) => about ?? {});
  const cutoffs = facts.flatMap(({ knowledgeCutoff }) => knowledgeCutoff ?? []);
  const inputs = facts.flatMap(({ inputUsdPerMillion }) => inputUsdPerMillion ?? []);
  const outputs = facts.flatMap(({ outputUsdPerMillion }) => outputUsdPerMillion ?? []);
  const latest = cutoffs.toSorted().at(-1);
  return {
    ...(latest !== undefined && cutoffs.length === models.length ? { knowledgeCutoff: latest } : {}),
    ...(inputs.length === models.length ? { inputUsdPerMillion: Math.max(...inputs) } : {}),
    ...(outputs.length === models.length ? { outputUsdPerMillion: Math.max(...outputs) } : {}),
    reasoningTokens: Math.max(...facts.map(({ reasoningTokens = 0 }) => reasoningTokens)),
    asksRepeatedly: models.length > 1 || facts.some(({ asksRepeatedly }) => asksRepeatedly === true),
  };
}
