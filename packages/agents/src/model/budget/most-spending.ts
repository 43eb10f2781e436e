import type { ModelFacts, ModelRequest } from '@perpdesk/core';
import type * as z from 'zod';
import { schemaText } from '../call/question-key.ts';
import { microUsdOf } from '../price/cost.ts';
import { estimateTokens } from '../price/token-estimate.ts';
import type { Spending } from './model-ledger.ts';

/** What a server adds to the texts: roles, separators, the schema's wrapping. */
const requestOverhead = 64;
/** The note that a repair shows the model. */
const repairTokens = 1_100;

/**
 * The most a question may take: both its requests at their full output, the second showing the model its first answer. Tokens are
 * estimated from the texts, rather too high than too low.
 * @param maxOutputTokens The bound that the question is asked with.
 */
export function mostSpending(request: ModelRequest<z.ZodType>, maxOutputTokens: number, facts: ModelFacts): Spending {
  const asked = askedTokens(request);
  const answered = maxOutputTokens + (facts.reasoningTokens ?? 0);
  const inputTokens = asked + (asked + maxOutputTokens + repairTokens);
  const outputTokens = 2 * answered;
  const { inputUsdPerMillion = 0, outputUsdPerMillion = 0 } = facts;
  return {
    inputTokens,
    outputTokens,
    microUsd: microUsdOf({ inputTokens, outputTokens }, { inputUsdPerMillion, outputUsdPerMillion }),
    modelMs: Math.ceil(request.timeoutMs),
  };
}

/** The tokens that one request with a question takes in, estimated from its texts, rather too many than too few. */
export const askedTokens = ({ system, prompt, schemaName, schema }: ModelRequest<z.ZodType>): number =>
  [system, prompt, schemaName, schemaText(schema)].reduce(
    (tokens, text) => tokens + estimateTokens(text),
    requestOverhead,
  );
