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
  /** Those that a model thinks with included. */
  readonly outputTokens: number;
  /** True where a server did not count and the tokens were estimated from the texts, rather too high than too low. */
  readonly estimated?: boolean;
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

/** What is known of a model beside its name. What wraps a model passes it on. */
export interface ModelFacts {
  /** The day after which the model has read nothing, as `2025-06-30`: a backtest before it may be remembered, not predicted. */
  readonly knowledgeCutoff?: string;
  /** Dollars for a million tokens; 0 for a model of one's own. */
  readonly inputUsdPerMillion?: number;
  readonly outputUsdPerMillion?: number;
  /** Tokens that each request may spend on thinking, beside the answer's own bound. Default 0. */
  readonly reasoningTokens?: number;
  /** True where one question may lead to several (retries, fallbacks): a budget around it would not see each. */
  readonly asksRepeatedly?: boolean;
}

/** A language model that answers in a schema. */
export interface LanguageModel {
  readonly name: string;
  readonly about?: ModelFacts;
  /**
   * Asks once, and once more to repair an answer that does not fit the schema.
   * @throws ModelError `model.timeout`, `model.unavailable`, `model.refused`, `model.invalid-answer`; of wrappers also
   * `model.over-budget`, `model.unaccounted`, `model.circuit-open`, `model.not-recorded`. The caller falls back.
   */
  generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options?: ModelCallOptions,
  ): Promise<ModelAnswer<z.infer<Schema>>>;
}
