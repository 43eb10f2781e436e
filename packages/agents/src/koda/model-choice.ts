import {
  type AskedModel,
  type Clock,
  type LanguageModel,
  type ModelCallContext,
  ModelError,
  type Signal,
} from '@perpdesk/core';
import { askedModel } from '../journal/asked-model.ts';
import { askInTime } from '../model/ask-in-time.ts';
import { groundProse } from '../model/grounding.ts';
import type { EntryCandidate } from './candidates.ts';
import type { MarketConditions } from './features.ts';
import { kodaPrompt, kodaPromptVersion, kodaQuestion } from './prompt.ts';
import { kodaAnswerSchema } from './schema.ts';

/** A model's choice: one of the candidates, and why. */
export interface ModelChoice {
  readonly candidate: EntryCandidate;
  readonly notes: readonly string[];
}

/**
 * Has a model choose among the candidates. Nothing but an index and words is taken from it, and each number in its words must be one
 * that it was given.
 * @throws ModelError when it does not answer in time, or with what can not be used.
 */
export async function chooseByModel(
  model: LanguageModel,
  candidates: readonly EntryCandidate[],
  {
    signal,
    conditions,
    clock,
    timeoutMs,
    context,
    abort,
    onAsked,
  }: {
    readonly signal: Signal;
    readonly conditions: MarketConditions;
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly context: ModelCallContext;
    readonly abort?: AbortSignal;
    /** Told what is asked, and once more with what was answered. */
    readonly onAsked?: (asked: AskedModel) => void;
  },
): Promise<ModelChoice> {
  const { prompt, known } = kodaQuestion(signal, conditions, candidates);
  const question = {
    purpose: `koda/${kodaPromptVersion}`,
    system: kodaPrompt,
    prompt,
    schema: kodaAnswerSchema,
    schemaName: 'koda_entry',
    timeoutMs,
    context,
  };
  onAsked?.(askedModel(question));
  const answer = await askInTime(model, question, { clock, ...(abort === undefined ? {} : { signal: abort }) });
  onAsked?.(askedModel(question, answer));
  const { value } = answer;
  const candidate = candidates[value.choice];
  if (candidate === undefined) {
    throw new ModelError('model.invalid-answer', 'The model chose an entry that was not offered.');
  }
  for (const note of value.notes) groundProse(note, known);
  return { candidate, notes: value.notes };
}
