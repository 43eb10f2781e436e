import { type ModelAnswer, type ModelCallOptions, ModelError, type ModelRequest } from '@perpdesk/core';
import type * as z from 'zod';
import { questionKey } from '../call/question-key.ts';
import type { ModelJournal, ModelRecordQuery } from './model-journal.ts';
import { type ModelRecord, recordedFailure } from './model-record.ts';

/** The questions of a journal, each given once: one that was asked more than once in the order it was. */
export class RecordedQuestions {
  readonly #journal: Pick<ModelJournal, 'find'>;
  readonly #of: Pick<ModelRecordQuery, 'traceId' | 'roundKey'>;
  readonly #records = new Map<string, Promise<readonly ModelRecord[]>>();
  readonly #given = new Map<string, number>();

  constructor(journal: Pick<ModelJournal, 'find'>, of: Pick<ModelRecordQuery, 'traceId' | 'roundKey'> = {}) {
    this.#journal = journal;
    this.#of = of;
  }

  /** The next record of a question. @throws ModelError `model.not-recorded`. @throws StoreError */
  async take(request: ModelRequest<z.ZodType>): Promise<ModelRecord> {
    const key = questionKey(request);
    const index = this.#given.get(key) ?? 0;
    this.#given.set(key, index + 1);
    let records = this.#records.get(key);
    if (records === undefined) {
      records = this.#journal.find(key, this.#of);
      this.#records.set(key, records);
    }
    const record = (await records)[index];
    if (record !== undefined) return record;
    const times = index === 0 ? 'was never asked' : `was asked only ${index} times`;
    throw new ModelError('model.not-recorded', `By the journal this question of ${request.purpose} ${times}.`);
  }
}

/** What was answered, as if it came from a cache. @throws ModelError the recorded failure, or `model.invalid-answer` */
export function answerAgain<Schema extends z.ZodType>(
  { id, outcome, model }: ModelRecord,
  { schema }: ModelRequest<Schema>,
  { onText }: ModelCallOptions = {},
): ModelAnswer<z.infer<Schema>> {
  if (outcome.kind === 'failed') throw recordedFailure(outcome);
  const parsed = schema.safeParse(outcome.value);
  if (!parsed.success)
    throw new ModelError('model.invalid-answer', `The recorded answer ${id} does not fit the schema.`);
  onText?.(JSON.stringify(outcome.value));
  const usage = { inputTokens: 0, outputTokens: 0 };
  return { value: parsed.data, model, usage, attempts: outcome.attempts, costUsd: 0, kept: true };
}
