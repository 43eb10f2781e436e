import type * as z from 'zod';

/**
 * For whom a question is asked: what budgets are kept by, and what the journal and traces file it under. Never sent to a model.
 */
export interface ModelCallContext {
  readonly agent?: string;
  readonly roundKey?: string;
  /** Whose chat or approval it serves; absent for what serves all users alike. */
  readonly userId?: string;
  readonly traceId?: string;
}

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
  readonly context?: ModelCallContext;
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
  /** What it cost, in dollars, where the prices of the model are known; 0 for what was kept or replayed. */
  readonly costUsd?: number;
  /** True when no model was asked: the answer was kept from an earlier question, or replayed. */
  readonly kept?: boolean;
}

/** Options of a question. */
export interface ModelCallOptions {
  readonly signal?: AbortSignal;
  /**
   * Called with the answer's text as it comes, piece by piece, where the model streams: raw JSON, unchecked, for eyes alone.
   * A repair begins anew with an empty piece. What it throws is not the model's concern: it must not throw.
   */
  readonly onText?: (piece: string) => void;
}

/** A language model that answers in a schema. */
export interface LanguageModel {
  readonly name: string;
  /**
   * Asks once, and once more to repair an answer that does not fit the schema.
   * @throws ModelError `model.timeout`, `model.unavailable`, `model.refused`, `model.invalid-answer`; of wrappers also
   * `model.over-budget`, `model.circuit-open`, `model.not-recorded`. The caller falls back.
   */
  generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options?: ModelCallOptions,
  ): Promise<ModelAnswer<z.infer<Schema>>>;
}
