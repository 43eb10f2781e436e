import {
  type Clock,
  ConfigError,
  type LanguageModel,
  type Logger,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
  silentLogger,
} from '@perpdesk/core';
import type * as z from 'zod';
import { askWithin, asModelError, outOfTime } from '../call/within-time.ts';
import { microUsd, microUsdOf, microUsdWithin } from '../price/cost.ts';
import { checkBudgets, hasDollars, type ModelBudget, type ModelBudgets } from './model-budget.ts';
import type { ModelLedger, Reservation, Spending, SpendingLimit } from './model-ledger.ts';
import { mostSpending } from './most-spending.ts';
import { measured, overBudget } from './over-budget.ts';

/** Options of {@link BudgetedModel}. */
export interface BudgetedModelOptions {
  /** One that asks once: budgets stand inside retries and fallbacks, so that they see each question that leaves. */
  readonly model: LanguageModel;
  /** Shared by all models whose spending is one. Its `open()` is the caller's to call. */
  readonly ledger: ModelLedger;
  readonly budgets: ModelBudgets;
  /** The machine's time: what a model takes, and the UTC day. */
  readonly clock: Clock;
  readonly logger?: Logger;
}

const defaultMaxOutputTokens = 1_024;

/**
 * Asks a model only what its budgets allow. A question is first counted as the most it may take (input estimated from the texts,
 * output at its bound, the repair included), then as what it took; what failed and can not be known stays counted as reserved. However many
 * questions are asked at once, none passes a limit, as long as servers take no more than asked.
 *
 * @throws ConfigError from the constructor: `model.budget`; `model.no-prices` for a budget in dollars around a model without prices;
 * `model.budget-outside` around retries or fallbacks
 * @example
 * ```ts
 * const model = new BudgetedModel({ model: cloud, ledger, clock, budgets: { round: { usd: 0.02 }, day: { usd: 5 } } });
 * ```
 */
export class BudgetedModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #model: LanguageModel;
  readonly #ledger: ModelLedger;
  readonly #budgets: ModelBudgets;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settling = new Set<Promise<void>>();

  constructor(options: BudgetedModelOptions) {
    const { model, budgets } = options;
    this.name = model.name;
    this.about = model.about ?? {};
    checkBudgets(budgets);
    const { inputUsdPerMillion, outputUsdPerMillion, asksRepeatedly } = this.about;
    if (hasDollars(budgets) && (inputUsdPerMillion === undefined || outputUsdPerMillion === undefined))
      throw new ConfigError(
        'model.no-prices',
        `A budget in dollars needs the prices of ${model.name}: give the model its prices, 0 for one of your own.`,
      );
    if (asksRepeatedly === true)
      throw new ConfigError(
        'model.budget-outside',
        `A budget around ${model.name} would not see each of its questions: put it around each model inside the retries and fallbacks.`,
      );
    this.#model = model;
    this.#ledger = options.ledger;
    this.#budgets = budgets;
    this.#clock = options.clock;
    this.#logger = options.logger ?? silentLogger;
  }

  /** @throws ModelError of the model; `model.over-budget`; `model.unaccounted` when the ledger can not be written */
  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const startedAtMs = this.#clock.nowMs();
    const timeoutMs = Math.min(request.timeoutMs, this.#budgets.call?.ms ?? request.timeoutMs);
    const maxOutputTokens = request.maxOutputTokens ?? defaultMaxOutputTokens;
    const bounded = { ...request, maxOutputTokens, timeoutMs };
    const reservation = await this.#reserve(bounded, startedAtMs);
    const leftMs = startedAtMs + timeoutMs - this.#clock.nowMs();
    if (leftMs <= 0 || options.signal?.aborted) {
      this.#settle(reservation, nothing, false);
      throw outOfTime();
    }
    const askedAtMs = this.#clock.nowMs();
    const modelMs = (): number => this.#clock.nowMs() - askedAtMs;
    try {
      const answer = await askWithin(this.#model, { ...bounded, timeoutMs: leftMs }, this.#clock, options);
      this.#settle(reservation, this.#taken(answer, modelMs()), true);
      return answer;
    } catch (error) {
      const usage = ModelError.is(error) ? error.usage : undefined;
      const spending = usage === undefined ? reservation.spending : this.#priced(usage);
      this.#settle(reservation, { ...spending, modelMs: modelMs() }, false);
      throw asModelError(error);
    }
  }

  async #reserve(
    request: ModelRequest<z.ZodType> & { readonly maxOutputTokens: number },
    atMs: number,
  ): Promise<Reservation> {
    const { call = {}, day, user, round } = this.#budgets;
    const spending = mostSpending(request, request.maxOutputTokens, this.about);
    const reservation: Reservation = {
      context: request.context ?? {},
      atMs,
      spending,
      limits: {
        ...(day === undefined ? {} : { day: limitOf(day) }),
        ...(user === undefined ? {} : { user: limitOf(user) }),
        ...(round === undefined ? {} : { round: limitOf(round) }),
      },
    };
    const { microUsd: usd, tokens } = limitOf(call);
    for (const [measure, limit] of [
      ['microUsd', usd],
      ['tokens', tokens],
    ] as const) {
      if (limit !== undefined && measured(measure, spending) > limit)
        throw overBudget({ scope: 'call', measure, limit, spent: 0 }, spending, reservation);
    }
    const outcome = await this.#ledger.reserve(reservation).catch((error: unknown) => {
      this.#logger.error({ error }, 'the ledger of models can not be written, no question leaves');
      throw new ModelError('model.unaccounted', 'What a question costs can not be written down, so it is not asked.', {
        retryable: true,
        usage: { inputTokens: 0, outputTokens: 0 },
      });
    });
    if (outcome.outcome === 'refused') throw overBudget(outcome, spending, reservation);
    return reservation;
  }

  /** Resolves when the ledger knows of every question that has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  /** An answer waits for no disk: what can not be written stays counted as reserved. */
  #settle(reservation: Reservation, spending: Spending, succeeded: boolean): void {
    const settling = this.#ledger
      .settle({ reservation, spending, succeeded })
      .catch((error: unknown) => {
        this.#logger.error({ error }, 'what a question took can not be written down, it stays counted as reserved');
      })
      .finally(() => this.#settling.delete(settling));
    this.#settling.add(settling);
  }

  #taken({ usage, costUsd, kept }: ModelAnswer<unknown>, modelMs: number): Spending {
    if (kept === true) return nothing;
    const priced = this.#priced(usage);
    return { ...priced, microUsd: costUsd === undefined ? priced.microUsd : microUsd(costUsd), modelMs };
  }

  #priced({ inputTokens, outputTokens }: ModelAnswer<unknown>['usage']): Spending {
    const { inputUsdPerMillion = 0, outputUsdPerMillion = 0 } = this.about;
    const usage = { inputTokens: Math.ceil(inputTokens), outputTokens: Math.ceil(outputTokens) };
    return { ...usage, microUsd: microUsdOf(usage, { inputUsdPerMillion, outputUsdPerMillion }), modelMs: 0 };
  }
}

const nothing: Spending = { inputTokens: 0, outputTokens: 0, microUsd: 0, modelMs: 0 };

const limitOf = ({ usd, tokens, ms }: ModelBudget): SpendingLimit => ({
  ...(usd === undefined ? {} : { microUsd: microUsdWithin(usd) }),
  ...(tokens === undefined ? {} : { tokens }),
  ...(ms === undefined ? {} : { modelMs: ms }),
});
