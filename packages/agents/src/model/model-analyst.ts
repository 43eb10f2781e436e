import { type Clock, type LanguageModel, ModelError, PerpDeskError, type Turn } from '@perpdesk/core';
import type { AgentReading, Assessment } from '../analyst/assessment.ts';
import type { AnalystMethod } from '../analyst/method.ts';
import { scoreOf } from '../analyst/score.ts';
import { AnswerCache } from './answer-cache.ts';
import type { ModelAnswer } from './answer-schema.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { groundAnswer } from './grounding.ts';
import { writePrompt } from './prompt.ts';

/** Options of {@link ModelAnalyst}. */
export interface ModelAnalystOptions<Reading extends AgentReading, Answer extends ModelAnswer> {
  readonly method: AnalystMethod<Reading, Answer>;
  readonly model: LanguageModel;
  readonly clock: Clock;
  /** The most a question may take, its repair included. Default 8,000. */
  readonly timeoutMs?: number;
}

/** One question to the model. */
export interface ModelQuestion<Reading> {
  readonly reading: Reading;
  readonly rules: Assessment;
  readonly transcript: readonly Turn[];
  /** What the agent has left; the model gets no more. */
  readonly deadlineMs: number;
}

const defaultTimeoutMs = 8_000;
/** With less than this the rules answer at once. */
const leastTimeMs = 500;

/**
 * Has a model judge a reading, and trusts nothing of it: schema, grounding and consistency are checked, the score is added up by
 * code. Answers are kept by the exact question; a model that keeps failing is left alone for a while.
 */
export class ModelAnalyst<Reading extends AgentReading, Answer extends ModelAnswer> {
  readonly #method: AnalystMethod<Reading, Answer>;
  readonly #model: LanguageModel;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #answers = new AnswerCache<Assessment>();
  readonly #breaker: CircuitBreaker;

  constructor(options: ModelAnalystOptions<Reading, Answer>) {
    this.#method = options.method;
    this.#model = options.model;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.#breaker = new CircuitBreaker({ clock: options.clock });
  }

  /** @throws ModelError of the port, or `model.circuit-open`, `model.ungrounded`, `model.inconsistent` */
  async assess(question: ModelQuestion<Reading>, options: { readonly signal?: AbortSignal } = {}): Promise<Assessment> {
    const { reading, rules, transcript } = question;
    const prompt = writePrompt({
      reading,
      components: Object.keys(rules.components),
      transcript,
      untrusted: this.#method.untrusted?.(reading) ?? [],
    });
    const known = this.#answers.get(prompt);
    if (known !== undefined) return known;
    const timeoutMs = Math.min(this.#timeoutMs, question.deadlineMs);
    if (timeoutMs < leastTimeMs)
      throw new ModelError('model.timeout', 'No time was left to ask the model.', { retryable: true });
    if (!this.#breaker.allow()) {
      throw new ModelError('model.circuit-open', 'The model failed too often and is left alone for a while.', {
        retryable: true,
      });
    }
    let succeeded = false;
    try {
      const answer = await this.#ask(prompt, Object.keys(rules.components), timeoutMs, options.signal);
      const assessment = this.#adopt(reading, answer, rules);
      succeeded = true;
      this.#answers.set(prompt, assessment);
      return assessment;
    } finally {
      this.#breaker.record(succeeded);
    }
  }

  #adopt(reading: Reading, answer: Answer, rules: Assessment): Assessment {
    const added = scoreOf(answer.components, this.#method.components);
    if (added === undefined) throw new ModelError('model.invalid-answer', 'The model judged no component.');
    const grounded = groundAnswer(answer, reading, added.score);
    return {
      ...added,
      ...grounded,
      components: answer.components,
      reasoning: answer.reasoning,
      ...this.#method.adopt(reading, answer, rules, added.score),
    };
  }

  async #ask(
    prompt: string,
    components: readonly string[],
    timeoutMs: number,
    outer: AbortSignal | undefined,
  ): Promise<Answer> {
    const method = this.#method;
    const schema = method.answerSchema(components);
    const abort = new AbortController();
    const late = Promise.withResolvers<never>();
    // Nobody may be racing against it yet, or any more, when it rejects.
    late.promise.catch(() => undefined);
    const give = (): void => {
      abort.abort();
      late.reject(new ModelError('model.timeout', 'The model did not answer in time.', { retryable: true }));
    };
    const cancelTimer = this.#clock.setTimer(timeoutMs, give);
    if (outer?.aborted) give();
    else outer?.addEventListener('abort', give, { once: true });
    try {
      const asked = this.#model.generate(
        {
          purpose: `${method.name}/${method.promptVersion}`,
          system: method.systemPrompt,
          prompt,
          schema,
          schemaName: `${method.name}_opinion`,
          timeoutMs,
        },
        { signal: abort.signal },
      );
      const answer = await Promise.race([asked, late.promise]);
      const parsed = schema.safeParse(answer.value);
      if (!parsed.success) throw new ModelError('model.invalid-answer', 'The answer does not fit the schema.');
      return parsed.data;
    } catch (error) {
      if (PerpDeskError.is(error)) throw error;
      // What a library throws may hold headers and bodies: it goes no further.
      throw new ModelError('model.unavailable', 'The model failed in a way of its own.', { retryable: true });
    } finally {
      cancelTimer();
      outer?.removeEventListener('abort', give);
    }
  }
}
