import type {
  Clock,
  IdGenerator,
  LanguageModel,
  Logger,
  ModelAnswer,
  ModelCallOptions,
  ModelError,
  ModelFacts,
  ModelRequest,
  Random,
} from '@perpdesk/core';
import type { Redactor } from '@perpdesk/core/security';
import type * as z from 'zod';
import { BudgetedModel } from './budget/budgeted-model.ts';
import type { ModelBudgets } from './budget/model-budget.ts';
import type { ModelLedger } from './budget/model-ledger.ts';
import type { AnswerStore } from './cache/answer-store.ts';
import { CachedModel, type CachedModelOptions } from './cache/cached-model.ts';
import { FallbackModel } from './fallback/fallback-model.ts';
import { RetryingModel } from './fallback/retrying-model.ts';
import { GuardedModel } from './guard/guarded-model.ts';
import type { HearsRefusals } from './guard/hears-refusals.ts';
import type { ModelJournal } from './journal/model-journal.ts';
import { RecordingModel } from './journal/recording-model.ts';

/** Options of {@link DeskModel}. */
export interface DeskModelOptions {
  /** The first is asked first. At least one; each asks once, as `OpenAiModel` does. */
  readonly models: readonly LanguageModel[];
  /** The machine's time: a model answers in it. */
  readonly clock: Clock;
  /** By which the journal is dated and answers grow old. Default: `clock`. */
  readonly deskClock?: Clock;
  readonly random: Random;
  readonly ids: IdGenerator;
  /** Counts what is spent. Opened by the caller, like the journal and the answers. */
  readonly ledger: ModelLedger;
  /** Default: no bound. */
  readonly budgets?: ModelBudgets;
  /** What happens when a budget refuses a model; see `FallbackModel`. Default `stop`. */
  readonly overBudget?: 'stop' | 'next';
  /** How often a model is asked at most before the next one. Default 2. */
  readonly attempts?: number;
  /** Default: nothing is recorded, and no decision can be replayed. */
  readonly journal?: ModelJournal;
  /** Keeps answers over restarts. Default: none. */
  readonly answers?: AnswerStore;
  readonly ttlMs?: CachedModelOptions['ttlMs'];
  readonly redactor?: Redactor;
  readonly logger?: Logger;
}

/**
 * A desk's model with all that belongs around one, in the order that holds: recorded, whatever comes of a question; kept, so that nothing
 * is asked twice; falling back from model to model; each model guarded by a breaker of its own, retried, and bounded by the budgets at
 * each question that leaves.
 *
 * @example
 * ```ts
 * const model = new DeskModel({ models: [cloud, local], clock, random, ids, ledger, journal, budgets: { day: { usd: 5 } } });
 * const vanta = new Vanta({ marketView, clock, model });
 * ```
 */
export class DeskModel implements LanguageModel, HearsRefusals {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #budgeted: readonly BudgetedModel[];
  readonly #cached: CachedModel;
  readonly #recording: RecordingModel | undefined;

  constructor(options: DeskModelOptions) {
    const { clock, deskClock = clock, random, ids, ledger, budgets = {}, attempts = 2, journal, answers } = options;
    const { ttlMs, redactor, overBudget } = options;
    const logger = options.logger === undefined ? {} : { logger: options.logger };
    this.#budgeted = options.models.map((model) => new BudgetedModel({ model, ledger, budgets, clock, ...logger }));
    const guarded = this.#budgeted.map(
      (model) => new GuardedModel({ model: new RetryingModel({ model, clock, random, attempts }), clock }),
    );
    this.#cached = new CachedModel({
      model: new FallbackModel({
        models: guarded,
        clock,
        ...(overBudget === undefined ? {} : { overBudget }),
        ...logger,
      }),
      clock,
      ageClock: deskClock,
      ...(answers === undefined ? {} : { store: answers }),
      ...(ttlMs === undefined ? {} : { ttlMs }),
      ...logger,
    });
    this.#recording =
      journal === undefined
        ? undefined
        : new RecordingModel({
            model: this.#cached,
            journal,
            clock: deskClock,
            wallClock: clock,
            ids,
            ...(redactor === undefined ? {} : { redactor }),
            ...logger,
          });
    this.name = this.#cached.name;
    this.about = this.#cached.about;
  }

  /** How many questions could not be written to the journal. */
  get unrecorded(): number {
    return this.#recording?.unrecorded ?? 0;
  }

  generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options?: ModelCallOptions,
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    return (this.#recording ?? this.#cached).generate(request, options);
  }

  /** Records a question that agents kept from it, such as while they leave it alone. */
  refused(request: ModelRequest<z.ZodType>, failure: ModelError): void {
    this.#recording?.refused(request, failure);
  }

  /** Resolves when all that was asked so far is written down. To be awaited before the database is closed. */
  async flush(): Promise<void> {
    await Promise.all([
      this.#recording?.flush(),
      this.#cached.flush(),
      ...this.#budgeted.map((model) => model.settled()),
    ]);
  }
}
