import {
  type Clock,
  type LanguageModel,
  type Logger,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
  silentLogger,
} from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import type * as z from 'zod';
import { jsonOf } from '../call/json-of.ts';
import { questionKey } from '../call/question-key.ts';
import { asModelError, outOfTime } from '../call/within-time.ts';
import type { AnswerStore, KeptAnswer } from './answer-store.ts';
import { Flight, withSignal } from './flight.ts';
import { RecentlyUsed } from './recently-used.ts';

/** Options of {@link CachedModel}. */
export interface CachedModelOptions {
  readonly model: LanguageModel;
  /** The machine's time: how long callers wait. */
  readonly clock: Clock;
  /** Keeps answers over restarts. Its `open()` is the caller's to call. Default: none. */
  readonly store?: AnswerStore;
  /** Answers held in memory. Default 512. */
  readonly hot?: number;
  /** How long the answer to a question counts, by {@link ageClock}; 0 or less: it is not kept. Default: for ever, as the question holds all it depends on. */
  readonly ttlMs?: (request: ModelRequest<z.ZodType>) => number;
  /** By which answers grow old; the desk's clock where that is another. Default: `clock`. */
  readonly ageClock?: Clock;
  readonly logger?: Logger;
}

/**
 * Asks a question once: answers are kept by what is asked (features, prompt version, schema) and of which model, in memory and in a store.
 * Equal questions at the same time are one question; one caller who gives up does not end it for the others. Failures are not
 * kept. A store that fails costs the time of a question, never the answer.
 *
 * @example
 * ```ts
 * const model = new CachedModel({ model: cloud, clock, store: new SqlAnswerStore({ database }) });
 * ```
 */
export class CachedModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #options: CachedModelOptions;
  readonly #logger: Logger;
  readonly #hot: RecentlyUsed<KeptAnswer>;
  readonly #flights = new Map<string, Flight>();
  readonly #writing = new Set<Promise<void>>();

  constructor(options: CachedModelOptions) {
    this.name = options.model.name;
    this.about = options.model.about ?? {};
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#hot = new RecentlyUsed({ limit: options.hot ?? 512 });
  }

  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const { clock } = this.#options;
    const key = sha256Hex(`${questionKey(request)} ${request.maxOutputTokens ?? ''} ${this.name}`);
    const endAtMs = clock.nowMs() + request.timeoutMs;
    const left = Promise.withResolvers<never>();
    left.promise.catch(() => undefined);
    const leave = (): void => left.reject(outOfTime());
    const cancelTimer = clock.setTimer(request.timeoutMs, leave);
    options.signal?.addEventListener('abort', leave, { once: true });
    try {
      if (options.signal?.aborted) throw outOfTime();
      for (;;) {
        const hot = this.#valid(this.#hot.get(key), request);
        if (hot !== undefined) return heard(hot, options);
        const found = this.#flights.get(key);
        const joined = found?.isAbandoned ? undefined : found;
        const flight = joined ?? this.#start(key, { ...request, timeoutMs: endAtMs - clock.nowMs() }, options);
        try {
          const answer = await flight.join(left.promise);
          const fit = fitted(answer, request.schema);
          return joined === undefined ? fit : heard({ ...fit, ...free }, options);
        } catch (error) {
          // The time of whoever asked first was shorter than ours: it is asked again for what is left.
          const isTheirs = joined !== undefined && ModelError.is(error) && error.code === 'model.timeout';
          if (!isTheirs || options.signal?.aborted || clock.nowMs() >= endAtMs) throw asModelError(error);
        }
      }
    } finally {
      cancelTimer();
      options.signal?.removeEventListener('abort', leave);
    }
  }

  /** Resolves when what was answered so far is in the store. */
  async flush(): Promise<void> {
    await Promise.all(this.#writing);
  }

  #start(key: string, request: ModelRequest<z.ZodType>, options: ModelCallOptions): Flight {
    const flight: Flight = new Flight(async (signal) => {
      try {
        const stored = this.#valid(await this.#stored(key), request);
        if (stored !== undefined) return heard(stored, options);
        const answer = await this.#options.model.generate(request, withSignal(options, signal));
        this.#keep(key, request, answer);
        return answer;
      } finally {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      }
    });
    this.#flights.set(key, flight);
    return flight;
  }

  async #stored(key: string): Promise<KeptAnswer | undefined> {
    try {
      const kept = await this.#options.store?.get(key);
      if (kept !== undefined && this.#counts(kept)) this.#hot.set(key, kept);
      return kept;
    } catch (error) {
      this.#logger.error({ error }, 'kept answers can not be read, the model is asked');
      return undefined;
    }
  }

  #keep(key: string, request: ModelRequest<z.ZodType>, answer: ModelAnswer<unknown>): void {
    const { store, ttlMs } = this.#options;
    const nowMs = this.#nowMs();
    const lifeMs = ttlMs?.(request) ?? Number.POSITIVE_INFINITY;
    if (!(lifeMs > 0)) return;
    const kept: KeptAnswer = {
      value: jsonOf(answer.value),
      model: answer.model,
      attempts: answer.attempts,
      ...(Number.isFinite(lifeMs) ? { expiresAtMs: nowMs + Math.ceil(lifeMs) } : {}),
    };
    this.#hot.set(key, kept);
    if (store === undefined) return;
    const writing = store
      .put(key, kept, nowMs)
      .catch((error: unknown) => this.#logger.error({ error }, 'an answer can not be kept'))
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** A kept answer that still counts and still fits, as the answer to a question. */
  #valid<Schema extends z.ZodType>(
    kept: KeptAnswer | undefined,
    request: ModelRequest<Schema>,
  ): ModelAnswer<z.infer<Schema>> | undefined {
    if (kept === undefined || !this.#counts(kept)) return undefined;
    const parsed = request.schema.safeParse(kept.value);
    return parsed.success ? { value: parsed.data, model: kept.model, attempts: kept.attempts, ...free } : undefined;
  }

  #counts({ expiresAtMs }: KeptAnswer): boolean {
    return expiresAtMs === undefined || expiresAtMs > this.#nowMs();
  }

  #nowMs(): number {
    return (this.#options.ageClock ?? this.#options.clock).nowMs();
  }
}

const free = { usage: { inputTokens: 0, outputTokens: 0 }, costUsd: 0, kept: true } as const;

/** Tells a whole answer to whoever watches. */
function heard<Value>(answer: ModelAnswer<Value>, { onText }: ModelCallOptions): ModelAnswer<Value> {
  onText?.(JSON.stringify(answer.value));
  return answer;
}

/** Callers that share an answer share no object. Answers have no transforms: what fits once fits again. */
function fitted<Schema extends z.ZodType>(answer: ModelAnswer<unknown>, schema: Schema): ModelAnswer<z.infer<Schema>> {
  const parsed = schema.safeParse(answer.value);
  if (!parsed.success) throw new ModelError('model.invalid-answer', 'The answer does not fit the schema.');
  return { ...answer, value: parsed.data };
}
