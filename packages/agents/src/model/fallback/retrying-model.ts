import {
  type Clock,
  ConfigError,
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
  type Random,
} from '@perpdesk/core';
import type * as z from 'zod';
import { watchedText } from '../call/watched-text.ts';
import { askWithin, outOfTime } from '../call/within-time.ts';

/** Options of {@link RetryingModel}. */
export interface RetryingModelOptions {
  readonly model: LanguageModel;
  /** The machine's time. */
  readonly clock: Clock;
  readonly random: Random;
  /** How often a question is asked at most, the first time included. Default 3. */
  readonly attempts?: number;
  /** The longest wait before the second attempt; it doubles with each. Default 250. */
  readonly firstDelayMs?: number;
  /** Default 4,000. */
  readonly longestDelayMs?: number;
}

/** With less than this left another attempt is not begun. */
const leastTimeMs = 500;

/**
 * Asks again where an error says that it may succeed (`retryable`), after a wait of chance between nothing and a bound that doubles (full
 * jitter: Brooker, "Exponential Backoff And Jitter", AWS 2015), or as long as the server asks. Never past the question's time.
 *
 * @throws ConfigError `model.attempts` from the constructor
 * @example
 * ```ts
 * const model = new RetryingModel({ model: cloud, clock: new SystemClock(), random: new SystemRandom() });
 * ```
 */
export class RetryingModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #options: RetryingModelOptions;

  constructor(options: RetryingModelOptions) {
    const { model, attempts = 3 } = options;
    if (!(Number.isSafeInteger(attempts) && attempts >= 1 && attempts <= 10))
      throw new ConfigError('model.attempts', `attempts must be a whole number from 1 to 10, not ${attempts}.`);
    this.name = model.name;
    this.about = { ...model.about, asksRepeatedly: attempts > 1 || model.about?.asksRepeatedly === true };
    this.#options = options;
  }

  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const { model, clock, attempts = 3 } = this.#options;
    const endAtMs = clock.nowMs() + request.timeoutMs;
    const watched = watchedText(options);
    for (let attempt = 1; ; attempt += 1) {
      watched.begin();
      try {
        return await askWithin(model, { ...request, timeoutMs: endAtMs - clock.nowMs() }, clock, watched.options);
      } catch (error) {
        if (!ModelError.is(error) || !isWorthRepeating(error) || attempt >= attempts || options.signal?.aborted)
          throw error;
        const delayMs = this.#delay(attempt, error);
        if (endAtMs - clock.nowMs() - delayMs < leastTimeMs) throw error;
        await clock.sleep(delayMs, options.signal === undefined ? {} : { signal: options.signal }).catch(() => {
          throw outOfTime();
        });
      }
    }
  }

  #delay(attempt: number, { retryAfterMs = 0 }: ModelError): number {
    const { random, firstDelayMs = 250, longestDelayMs = 4_000 } = this.#options;
    const boundMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1));
    return Math.max(retryAfterMs, Math.round(random.next() * boundMs));
  }
}

/** A breaker opens for longer than any question lasts. */
const isWorthRepeating = ({ retryable, code }: ModelError): boolean => retryable && code !== 'model.circuit-open';
