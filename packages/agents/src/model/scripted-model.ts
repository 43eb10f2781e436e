import { type LanguageModel, type ModelAnswer, ModelError, type ModelRequest } from '@perpdesk/core';
import type * as z from 'zod';

/** A question as a script sees it. */
export interface ScriptedQuestion {
  readonly purpose: string;
  readonly system: string;
  readonly prompt: string;
}

/** Options of {@link ScriptedModel}. */
export interface ScriptedModelOptions {
  readonly name?: string;
  /** Gives the answer to the n-th question (from 0), as JSON would say it. What it throws, the model throws. */
  readonly answer: (question: ScriptedQuestion, index: number) => unknown;
}

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
  readonly #answer: ScriptedModelOptions['answer'];
  readonly #questions: ScriptedQuestion[] = [];

  constructor(options: ScriptedModelOptions) {
    this.name = options.name ?? 'scripted';
    this.#answer = options.answer;
  }

  /** What was asked so far, oldest first. */
  get questions(): readonly ScriptedQuestion[] {
    return this.#questions;
  }

  async generate<Schema extends z.ZodType>(request: ModelRequest<Schema>): Promise<ModelAnswer<z.infer<Schema>>> {
    const question = { purpose: request.purpose, system: request.system, prompt: request.prompt };
    for (const attempts of [1, 2] as const) {
      this.#questions.push(question);
      const parsed = request.schema.safeParse(await this.#answer(question, this.#questions.length - 1));
      const usage = { inputTokens: 0, outputTokens: 0 };
      if (parsed.success) return { value: parsed.data, model: this.name, usage, attempts };
    }
    throw new ModelError('model.invalid-answer', 'The script answered twice what does not fit the schema.');
  }
}
