import {
  type Clock,
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
  PerpDeskError,
} from '@perpdesk/core';
import type * as z from 'zod';
import { askWithin, asModelError } from '../call/within-time.ts';
import { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';
import { type HearsRefusals, tellRefused } from './hears-refusals.ts';

/** Options of {@link GuardedModel}: the clock is the machine's, for a model answers in the machine's time. */
export interface GuardedModelOptions extends CircuitBreakerOptions {
  readonly model: LanguageModel;
}

/** Failures that say nothing about the model: it was not asked. */
const notTheModel = new Set(['model.over-budget', 'model.unaccounted', 'model.circuit-open', 'model.not-recorded']);

/**
 * Leaves a model that keeps failing alone for a while (`model.circuit-open`), then tries it with one question. Whoever asks the same
 * model shares the guard, so that one agent's failures spare the others' time. What a caller gave up, a budget refused or a
 * cache answered does not count.
 *
 * @example
 * ```ts
 * const model = new GuardedModel({ model: new OpenAiModel({ apiKey, model: 'gpt-5-mini' }), clock: new SystemClock() });
 * ```
 */
export class GuardedModel implements LanguageModel, HearsRefusals {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #model: LanguageModel;
  readonly #clock: Clock;
  readonly #breaker: CircuitBreaker;

  constructor(options: GuardedModelOptions) {
    this.name = options.model.name;
    this.about = options.model.about ?? {};
    this.#model = options.model;
    this.#clock = options.clock;
    this.#breaker = new CircuitBreaker(options);
  }

  /** `open` while the model is left alone. */
  get state(): CircuitBreaker['state'] {
    return this.#breaker.state;
  }

  generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options?: ModelCallOptions,
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    return this.generateAs(request, (answer) => answer, options);
  }

  /** Tells the model of a question that it is not asked. */
  refused(request: ModelRequest<z.ZodType>, failure: ModelError): void {
    tellRefused(this.#model, request, failure);
  }

  /**
   * Asks, and counts the answer as good only when `accept` takes it: what it throws, the question throws.
   * @throws ModelError of the port, `model.circuit-open`
   */
  async generateAs<Schema extends z.ZodType, Result>(
    request: ModelRequest<Schema>,
    accept: (answer: ModelAnswer<z.infer<Schema>>) => Result,
    options: ModelCallOptions = {},
  ): Promise<Result> {
    if (!this.#breaker.allow()) {
      const failure = new ModelError(
        'model.circuit-open',
        'The model failed too often and is left alone for a while.',
        {
          retryable: true,
          usage: { inputTokens: 0, outputTokens: 0 },
        },
      );
      this.refused(request, failure);
      throw failure;
    }
    let kept = false;
    try {
      const answer = await askWithin(this.#model, request, this.#clock, options);
      kept = answer.kept === true;
      const result = accept(answer);
      if (kept) this.#breaker.forget();
      else this.#breaker.record(true);
      return result;
    } catch (error) {
      const isNeutral = kept || options.signal?.aborted || (PerpDeskError.is(error) && notTheModel.has(error.code));
      if (isNeutral) this.#breaker.forget();
      else this.#breaker.record(false);
      throw asModelError(error);
    }
  }
}
