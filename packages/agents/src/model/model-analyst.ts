import {
  type AgentCallOptions,
  type AskedModel,
  type Clock,
  type LanguageModel,
  type ModelCallOptions,
  ModelError,
  type ModelRequest,
  type TradeDirection,
  type Turn,
} from '@perpdesk/core';
import type { AgentReading, Assessment } from '../analyst/assessment.ts';
import type { AnalystMethod } from '../analyst/method.ts';
import { scoreOf } from '../analyst/score.ts';
import { askedModel } from '../journal/asked-model.ts';
import type { ModelAnswer, ModelAnswerSchema } from './answer-schema.ts';
import { RecentlyUsed } from './cache/recently-used.ts';
import { MemberDraft } from './call/member-draft.ts';
import { groundAnswer } from './grounding.ts';
import { guardOf } from './guard/guard-of.ts';
import type { GuardedModel } from './guard/guarded-model.ts';
import { writePrompt } from './prompt.ts';

/** Options of {@link ModelAnalyst}. */
export interface ModelAnalystOptions<Reading extends AgentReading, Answer extends ModelAnswer> {
  readonly method: AnalystMethod<Reading, Answer>;
  /** One that keeps failing is left alone for a while, together with all agents that were given it: see {@link GuardedModel}. */
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
  /** Set for the devil's advocate: the side it argues against. */
  readonly advocateAgainst?: TradeDirection | undefined;
}

const defaultTimeoutMs = 8_000;
/** With less than this the rules answer at once. */
const leastTimeMs = 500;

/** What goes along with a question. */
export interface AssessOptions extends Pick<AgentCallOptions, 'signal' | 'context' | 'onDraft'> {
  /** Told what is asked, and once more with what was answered, also where that can not be used. */
  readonly onAsked?: (asked: AskedModel) => void;
}

/** What was checked, and of which answer. */
interface Checked {
  readonly assessment: Assessment;
  readonly value: unknown;
}

/**
 * Has a model judge a reading, and trusts nothing of it: schema, grounding and consistency are checked, the score is added up by
 * code. What was checked is kept by the exact question, so that an opinion and a first word in a debate on it are one question.
 */
export class ModelAnalyst<Reading extends AgentReading, Answer extends ModelAnswer> {
  readonly #method: AnalystMethod<Reading, Answer>;
  readonly #model: GuardedModel;
  readonly #timeoutMs: number;
  readonly #schemas = new Map<string, ModelAnswerSchema<Answer>>();
  readonly #checked = new RecentlyUsed<Checked>();

  constructor(options: ModelAnalystOptions<Reading, Answer>) {
    this.#method = options.method;
    this.#model = guardOf(options.model, options.clock);
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  }

  /** @throws ModelError of the port, or `model.circuit-open`, `model.ungrounded`, `model.inconsistent` */
  async assess(question: ModelQuestion<Reading>, options: AssessOptions = {}): Promise<Assessment> {
    const { reading, rules, transcript, advocateAgainst } = question;
    const components = Object.keys(rules.components);
    const prompt = writePrompt({
      reading,
      components,
      transcript,
      advocateAgainst,
      untrusted: this.#method.untrusted?.(reading) ?? [],
    });
    const timeoutMs = Math.min(this.#timeoutMs, question.deadlineMs);
    const request = this.#request(prompt, components, timeoutMs, options);
    const { onAsked } = options;
    const known = this.#checked.get(prompt);
    if (onAsked !== undefined) onAsked(askedModel(request, known));
    if (known !== undefined) return known.assessment;
    if (timeoutMs < leastTimeMs) {
      const failure = new ModelError('model.timeout', 'No time was left to ask the model.', { retryable: true });
      this.#model.refused(request, failure);
      throw failure;
    }
    const checked = await this.#model.generateAs(
      request,
      ({ value }): Checked => {
        if (onAsked !== undefined) onAsked(askedModel(request, { value }));
        return { assessment: this.#adopt(reading, value, request.schema, rules), value };
      },
      callOptions(options),
    );
    this.#checked.set(prompt, checked);
    return checked.assessment;
  }

  #request(
    prompt: string,
    components: readonly string[],
    timeoutMs: number,
    { context }: AssessOptions,
  ): ModelRequest<ModelAnswerSchema<Answer>> {
    const { name, promptVersion, systemPrompt } = this.#method;
    return {
      purpose: `${name}/${promptVersion}`,
      system: systemPrompt,
      prompt,
      schema: this.#schema(components),
      schemaName: `${name}_opinion`,
      timeoutMs,
      context: { ...context, agent: name },
    };
  }

  /** One schema object for the same components: what is derived from it is derived once. */
  #schema(components: readonly string[]): ModelAnswerSchema<Answer> {
    const key = components.join(' ');
    const schema = this.#schemas.get(key) ?? this.#method.answerSchema(components);
    this.#schemas.set(key, schema);
    return schema;
  }

  #adopt(reading: Reading, value: unknown, schema: ModelAnswerSchema<Answer>, rules: Assessment): Assessment {
    // Models are many, and not all of them are ours: the schema is held here too.
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new ModelError('model.invalid-answer', 'The answer does not fit the schema.');
    const answer = parsed.data;
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
}

/** What is said of the reasoning so far goes to whoever watches; what they throw is not the question's concern. */
function callOptions({ signal, onDraft }: AssessOptions): ModelCallOptions {
  const draft = new MemberDraft('reasoning');
  let last = '';
  const onText = (piece: string): void => {
    const text = draft.push(piece);
    if (text === last) return;
    last = text;
    try {
      onDraft?.(text);
    } catch {
      // A spectator takes no question down.
    }
  };
  return { ...(signal === undefined ? {} : { signal }), ...(onDraft === undefined ? {} : { onText }) };
}
