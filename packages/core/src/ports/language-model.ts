import type * as z from 'zod';

/** A question to a model, with the schema its answer must fit. */
export interface ModelRequest<Schema extends z.ZodType> {
  /** Who asks and with which prompt version: for accounting and the journal. */
  readonly purpose: string;
  readonly system: string;
  /** Computed features and marked, capped data blocks; never a credential, an account or another user's data. */
  readonly prompt: string;
  readonly schema: Schema;
  readonly schemaName: string;
  /** Default 1,024. */
  readonly maxOutputTokens?: number;
  /** Whole time allowed, the repair included. */
  readonly timeoutMs: number;
}

export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface ModelAnswer<Value> {
  readonly value: Value;
  readonly model: string;
  readonly usage: ModelUsage;
  /** How often the model was asked: 1, or 2 after a repair. */
  readonly attempts: 1 | 2;
}

/** A language model that answers in a schema. */
export interface LanguageModel {
  readonly name: string;
  /**
   * Asks once, and once more to repair an answer that does not fit the schema.
   * @throws ModelError `model.timeout`, `model.unavailable`, `model.refused`, `model.invalid-answer`; the caller falls back.
   */
  generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<ModelAnswer<z.infer<Schema>>>;
}
