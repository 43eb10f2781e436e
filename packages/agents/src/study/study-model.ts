import {
  type Clock,
  ConfigError,
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
} from '@perpdesk/core';
import type * as z from 'zod';
import { BudgetedModel } from '../model/budget/budgeted-model.ts';
import { MemoryModelLedger } from '../model/budget/memory-model-ledger.ts';
import type { AnswerStore } from '../model/cache/answer-store.ts';
import { CachedModel } from '../model/cache/cached-model.ts';
import type { ModelJournal } from '../model/journal/model-journal.ts';
import { ReplayModel } from '../model/journal/replay-model.ts';
import { StudyCounter, type StudyCounts } from './study-counter.ts';

/** Where the answers of a study come from. */
export type StudyModelOptions = {
  /** The machine's. */
  readonly clock: Clock;
} & (
  | {
      /** From nowhere: questions are counted and the rules answer, for an estimate of what a paid run costs. */
      readonly mode: 'measure';
      readonly model: Pick<LanguageModel, 'name' | 'about'>;
    }
  | {
      /** From what a desk recorded. */
      readonly mode: 'replay';
      readonly journal: Pick<ModelJournal, 'find'>;
      /** Whose answers they are: its cutoff is compared with the window. */
      readonly model?: Pick<LanguageModel, 'name' | 'about'>;
    }
  | {
      /** From what was answered before, such as in a paid run; nothing is asked. */
      readonly mode: 'cache';
      readonly answers: AnswerStore;
      /** Whose answers they are: they are kept by its name. */
      readonly model: Pick<LanguageModel, 'name' | 'about'>;
    }
  | {
      /** From the model; each answer is kept, and none is paid for twice. */
      readonly mode: 'paid';
      readonly answers: AnswerStore;
      /** One that asks once, with its prices. */
      readonly model: LanguageModel;
      /** The most that the run may cost, dollars: no question leaves that could pass it. */
      readonly capUsd: number;
      /** Told once, when the first question is refused for the cap: the run is to be ended, since rules answer from here on. */
      readonly onCapped?: () => void;
    }
);

/** How a study's questions went. */
export type StudyOutcome =
  | ({ readonly outcome: 'complete' } & StudyCounts)
  /** The cap was reached. What was answered till then is kept, and a later run goes on from it for free. */
  | ({ readonly outcome: 'capped'; readonly capUsd: number } & StudyCounts);

/** The one account of a run: what BudgetedModel bounds as a round. */
const run = 'study';

/**
 * The model of a backtest: answers are replayed, taken from a cache, or paid for up to a hard cap. A question without an answer fails as
 * `model.not-recorded`, and the agent's rules answer it; so does one that failed when it was recorded, so that no breaker, which would run
 * on the machine's time, makes two studies of one journal differ.
 *
 * @throws ConfigError `model.no-prices`, `model.budget`, `model.budget-outside` from the constructor, for a paid run
 * @example
 * ```ts
 * const model = new StudyModel({ mode: 'paid', model: cloud, answers, clock, capUsd: 5, onCapped: () => player.stop() });
 * ```
 */
export class StudyModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #options: StudyModelOptions;
  readonly #source: LanguageModel;
  readonly #cached: CachedModel | undefined;
  readonly #budgeted: BudgetedModel | undefined;
  readonly #counter: StudyCounter;
  #isCapped = false;

  constructor(options: StudyModelOptions) {
    this.#options = options;
    this.name = options.model?.name ?? 'replay';
    this.about = options.model?.about ?? {};
    this.#counter = new StudyCounter(this.about);
    const { clock } = options;
    switch (options.mode) {
      case 'measure':
        this.#source = nobody(options.model);
        break;
      case 'replay':
        this.#source = new ReplayModel({ journal: options.journal });
        break;
      case 'cache':
        this.#cached = new CachedModel({ model: nobody(options.model), store: options.answers, clock });
        this.#source = this.#cached;
        break;
      case 'paid': {
        const { model, answers, capUsd } = options;
        if (!(capUsd >= 0)) throw new ConfigError('model.budget', `The cap must be dollars from 0, not ${capUsd}.`);
        this.#budgeted = new BudgetedModel({
          ...{ model, clock, ledger: new MemoryModelLedger() },
          budgets: { round: { usd: capUsd } },
        });
        this.#cached = new CachedModel({ model: ofRun(this.#budgeted), store: answers, clock });
        this.#source = this.#cached;
      }
    }
  }

  /** What came of the questions so far. */
  outcome(): StudyOutcome {
    const counts = this.#counter.counts();
    return this.#isCapped && this.#options.mode === 'paid'
      ? { outcome: 'capped', capUsd: this.#options.capUsd, ...counts }
      : { outcome: 'complete', ...counts };
  }

  /** @throws ModelError `model.not-recorded`, `model.over-budget`; in a paid run those of the model */
  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options?: ModelCallOptions,
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    try {
      const answer = await this.#source.generate(request, options);
      this.#counter.answered(request, answer);
      return answer;
    } catch (error) {
      this.#counter.failed(request, error);
      if (ModelError.is(error) && error.code === 'model.over-budget') this.#cap();
      if (this.#options.mode === 'replay' && ModelError.is(error) && error.code !== 'model.not-recorded')
        throw new ModelError('model.not-recorded', `This question failed when it was recorded: ${error.code}.`);
      throw error;
    }
  }

  /** Resolves when every answer that was paid for is kept. */
  async flush(): Promise<void> {
    await Promise.all([this.#budgeted?.settled(), this.#cached?.flush()]);
  }

  #cap(): void {
    if (this.#isCapped) return;
    this.#isCapped = true;
    if (this.#options.mode === 'paid') this.#options.onCapped?.();
  }
}

/** A model that is not asked. */
const nobody = ({ name, about = {} }: Pick<LanguageModel, 'name' | 'about'>): LanguageModel => ({
  ...{ name, about },
  generate: ({ purpose }) =>
    Promise.reject(new ModelError('model.not-recorded', `No answer is kept to this question of ${purpose}.`)),
});

/** All questions of a run on one account. */
const ofRun = (model: LanguageModel): LanguageModel => ({
  name: model.name,
  ...(model.about === undefined ? {} : { about: model.about }),
  generate: (request, options) =>
    model.generate({ ...request, context: { ...request.context, roundKey: run } }, options),
});
