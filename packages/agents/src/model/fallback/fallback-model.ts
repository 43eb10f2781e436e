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
import { watchedText } from '../call/watched-text.ts';
import { askWithin, outOfTime } from '../call/within-time.ts';
import { factsOfAll } from './facts-of-all.ts';

/** Options of {@link FallbackModel}. */
export interface FallbackModelOptions {
  /** The first is asked first. At least one. */
  readonly models: readonly LanguageModel[];
  /** The machine's time. */
  readonly clock: Clock;
  /** What is kept back for each later model, as far as the time of a question reaches. Default 2,000. */
  readonly keepBackMs?: number;
  /** What happens when a budget refuses a model: the question ends, or the next model, maybe a cheaper one, is asked. Default `stop`. */
  readonly overBudget?: 'stop' | 'next';
  readonly logger?: Logger;
}

/**
 * Asks one model after another until one answers. The answer says which; the time of the question is shared so that the last
 * still has its part. A caller who gives up ends it; so does a budget, unless told otherwise.
 *
 * @throws ConfigError `model.no-models` from the constructor
 * @example
 * ```ts
 * const model = new FallbackModel({ models: [cloud, local], clock: new SystemClock() });
 * ```
 */
export class FallbackModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #options: FallbackModelOptions;
  readonly #logger: Logger;

  constructor(options: FallbackModelOptions) {
    if (options.models.length === 0) throw new ConfigError('model.no-models', 'A FallbackModel needs a model.');
    this.name = options.models.map(({ name }) => name).join(' or ');
    this.about = factsOfAll(options.models);
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  /** @throws ModelError what the last model that was asked threw */
  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const { models, clock, overBudget = 'stop' } = this.#options;
    const endAtMs = clock.nowMs() + request.timeoutMs;
    const watched = watchedText(options);
    let failure: ModelError = outOfTime();
    for (const [index, model] of models.entries()) {
      const timeoutMs = this.#share(endAtMs - clock.nowMs(), models.length - index - 1);
      if (timeoutMs <= 0) break;
      watched.begin();
      try {
        return await askWithin(model, { ...request, timeoutMs }, clock, watched.options);
      } catch (error) {
        if (!ModelError.is(error)) throw error;
        failure = error;
        const isOver = error.code === 'model.over-budget' && overBudget === 'stop';
        if (isOver || options.signal?.aborted) throw error;
        this.#logger.warn({ code: error.code, model: model.name, purpose: request.purpose }, 'a model did not answer');
      }
    }
    throw failure;
  }

  /** All but what is kept back for those after it, and never less than an equal part. */
  #share(leftMs: number, later: number): number {
    const { keepBackMs = 2_000 } = this.#options;
    return Math.floor(Math.max(leftMs - keepBackMs * later, leftMs / (later + 1)));
  }
}
