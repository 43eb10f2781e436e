import {
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
} from '@perpdesk/core';
import type * as z from 'zod';
import { questionKey } from '../call/question-key.ts';
import type { ModelJournal, ModelRecordQuery } from './model-journal.ts';
import { type ModelRecord, recordedFailure } from './model-record.ts';

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
  readonly #journal: Pick<ModelJournal, 'find'>;
  readonly #of: Pick<ModelRecordQuery, 'traceId' | 'roundKey'>;
  readonly #records = new Map<string, Promise<readonly ModelRecord[]>>();
  readonly #given = new Map<string, number>();

  constructor(options: ReplayModelOptions) {
    this.name = options.name ?? 'replay';
    this.about = options.about ?? {};
    this.#journal = options.journal;
    this.#of = options.of ?? {};
  }

  /**
   * @throws ModelError the recorded failure; `model.not-recorded` for a question that was not asked, or not as often
   * @throws StoreError when the journal can not be read
   */
  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const key = questionKey(request);
    const index = this.#given.get(key) ?? 0;
    this.#given.set(key, index + 1);
    let records = this.#records.get(key);
    if (records === undefined) {
      records = this.#journal.find(key, this.#of);
      this.#records.set(key, records);
    }
    const record = (await records)[index];
    if (record === undefined) {
      const times = index === 0 ? 'was never asked' : `was asked only ${index} times`;
      throw new ModelError('model.not-recorded', `By the journal this question of ${request.purpose} ${times}.`);
    }
    if (record.outcome.kind === 'failed') throw recordedFailure(record.outcome);
    const parsed = request.schema.safeParse(record.outcome.value);
    if (!parsed.success)
      throw new ModelError('model.invalid-answer', `The recorded answer ${record.id} does not fit the schema.`);
    options.onText?.(JSON.stringify(record.outcome.value));
    const usage = { inputTokens: 0, outputTokens: 0 };
    return {
      value: parsed.data,
      model: record.model,
      usage,
      attempts: record.outcome.attempts,
      costUsd: 0,
      kept: true,
    };
  }
}
