import {
  type Clock,
  foreignText,
  type LanguageModel,
  type ModelCallContext,
  ModelError,
  type PredictionHeadline,
} from '@perpdesk/core';
import { groundEvidence, groundProse } from '../model/grounding.ts';
import { GuardedModel } from '../model/guard/guarded-model.ts';
import type { PlopReading } from './features.ts';
import { plopPrompt, plopPromptVersion, plopQuestion } from './prompt.ts';
import type { ModelView } from './rules.ts';
import { plopAnswerSchema } from './schema.ts';

/** Options of {@link PlopModel}. */
export interface PlopModelOptions {
  readonly model: LanguageModel;
  /** What a model's time is measured with. */
  readonly clock: Clock;
  /** The most a question may take, its repair included, ms. */
  readonly timeoutMs: number;
}

/** Asks a model for its view of a contract, and trusts nothing of it; one that keeps failing is left alone for a while. */
export class PlopModel {
  /** Its own, not shared with other agents: a question that talks a model into rubbish must not take their model from them. */
  readonly #model: GuardedModel;
  readonly #timeoutMs: number;

  constructor({ model, clock, timeoutMs }: PlopModelOptions) {
    this.#model = new GuardedModel({ model, clock });
    this.#timeoutMs = timeoutMs;
  }

  /** @throws ModelError of the port, or `model.circuit-open`, `model.ungrounded` */
  view(
    reading: PlopReading,
    headlines: readonly PredictionHeadline[],
    { signal, context }: { readonly signal?: AbortSignal; readonly context?: ModelCallContext } = {},
  ): Promise<ModelView> {
    return this.#model.generateAs(
      {
        purpose: `plop/${plopPromptVersion}`,
        system: plopPrompt,
        prompt: plopQuestion(reading, headlines),
        schema: plopAnswerSchema,
        schemaName: 'plop_assessment',
        timeoutMs: this.#timeoutMs,
        context: { ...context, agent: 'plop' },
      },
      ({ value }) => viewOf(value, reading),
      signal === undefined ? {} : { signal },
    );
  }
}

function viewOf(value: unknown, { features }: PlopReading): ModelView {
  // Models are many, and not all of them are ours: the schema is held here too.
  const parsed = plopAnswerSchema.safeParse(value);
  if (!parsed.success) throw new ModelError('model.invalid-answer', 'The answer does not fit the schema.');
  const { probability, evidence: cited, reasoning } = parsed.data;
  const evidence = groundEvidence(cited, features);
  groundProse(reasoning, [...Object.values(features), probability, 1 - probability]);
  // A model may repeat what stood in a question: its words are shown as foreign text is.
  return { probability, evidence, reasoning: foreignText(reasoning, 800) };
}
