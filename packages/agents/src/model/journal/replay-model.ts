import type { LanguageModel, ModelAnswer, ModelCallOptions, ModelFacts, ModelRequest } from '@perpdesk/core';
import type * as z from 'zod';
import type { ModelJournal, ModelRecordQuery } from './model-journal.ts';
import { answerAgain, RecordedQuestions } from './recorded-questions.ts';

/** Options of {@link ReplayModel}. */
export interface ReplayModelOptions {
  readonly journal: Pick<ModelJournal, 'find'>;
  /** Answers only with what was asked for one decision or round. Default: all that is recorded. */
  readonly of?: Pick<ModelRecordQuery, 'traceId' | 'roundKey'>;
  /** Default `replay`. */
  readonly name?: string;
  /** What is known of the model that was recorded, such as its `knowledgeCutoff`. */
  readonly about?: ModelFacts;
}

/**
 * Answers from a journal, without a model and without a network: each question as it was answered or failed, one that was asked more
 * than once in the order it was. Made anew for each replay, for it counts what it gave.
 */
export class ReplayModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #questions: RecordedQuestions;

  constructor(options: ReplayModelOptions) {
    this.name = options.name ?? 'replay';
    this.about = options.about ?? {};
    this.#questions = new RecordedQuestions(options.journal, options.of);
  }

  /**
   * @throws ModelError the recorded failure; `model.not-recorded` for a question that was not asked, or not as often
   * @throws StoreError when the journal can not be read
   */
  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    return answerAgain(await this.#questions.take(request), request, options);
  }
}
