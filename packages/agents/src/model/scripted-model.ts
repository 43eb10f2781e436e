import {
  type LanguageModel,
  type ModelAnswer,
  type ModelCallContext,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
  type ModelUsage,
} from '@perpdesk/core';
import type * as z from 'zod';

/** A question as a script sees it. */
export interface ScriptedQuestion {
  readonly purpose: string;
  readonly system: string;
  readonly prompt: string;
  /** For whom it is asked, where that is said. */
  readonly context?: ModelCallContext;
}

/** Options of {@link ScriptedModel}. */
export interface ScriptedModelOptions {
  readonly name?: string;
  readonly about?: ModelFacts;
  /** Gives the answer to the n-th question (from 0), as JSON would say it. What it throws, the model throws. */
  readonly answer: (question: ScriptedQuestion, index: number) => unknown;
  /** The tokens each answer is said to have taken. Default: none. */
  readonly usage?: ModelUsage;
}

/** How many characters an answer's pieces have for those who watch. */
const pieceLength = 24;

/**
 * A language model that answers by a function: for tests, demonstrations and replays without a model. Answers go through
 * the request's schema like those of a real one; one that does not fit is asked for once more.
 *
 * @example
 * ```ts
 * const model = new ScriptedModel({ answer: () => ({ direction: 'neutral' }) });
 * ```
 */
export class ScriptedModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #answer: ScriptedModelOptions['answer'];
  readonly #usage: ModelUsage;
  readonly #questions: ScriptedQuestion[] = [];

  constructor(options: ScriptedModelOptions) {
    this.name = options.name ?? 'scripted';
    this.about = options.about ?? {};
    this.#answer = options.answer;
    this.#usage = options.usage ?? { inputTokens: 0, outputTokens: 0 };
  }

  /** What was asked so far, oldest first. */
  get questions(): readonly ScriptedQuestion[] {
    return this.#questions;
  }

  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const { purpose, system, prompt, context } = request;
    const question = { purpose, system, prompt, ...(context === undefined ? {} : { context }) };
    for (const attempts of [1, 2] as const) {
      this.#questions.push(question);
      if (attempts === 2) options.onText?.('');
      const answer = await this.#answer(question, this.#questions.length - 1);
      const text = JSON.stringify(answer) ?? '';
      for (let from = 0; from < text.length; from += pieceLength)
        options.onText?.(text.slice(from, from + pieceLength));
      const parsed = request.schema.safeParse(answer);
      if (parsed.success) return { value: parsed.data, model: this.name, usage: this.#usage, attempts };
    }
    throw new ModelError('model.invalid-answer', 'The script answered twice what does not fit the schema.');
  }
}
