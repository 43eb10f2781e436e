import {
  type AgentCallOptions,
  type Archetype,
  type AskedModel,
  type Clock,
  type DecisionInputs,
  type LanguageModel,
  type Logger,
  ModelError,
  PerpDeskError,
  type Recommendation,
  SystemClock,
  silentLogger,
} from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import { askedModel } from '../journal/asked-model.ts';
import { askInTime } from '../model/ask-in-time.ts';
import { MemberDraft } from '../model/call/member-draft.ts';
import { tellRefused } from '../model/guard/hears-refusals.ts';
import { readPlanData } from './features.ts';
import { type PlannedLevels, planLevels } from './plan-levels.ts';
import type { PlanRequest } from './plan-request.ts';
import { rivenPrompt, rivenPromptVersion, writePlanPrompt } from './prompt.ts';
import { chooseScaling, classifyArchetype, wordPlan } from './rules.ts';
import { synthesisSchema } from './schema.ts';
import { rivenDefaults } from './settings.ts';
import { adoptAnswer, type Synthesis } from './synthesis.ts';

/** Options of {@link Riven}. */
export interface RivenOptions {
  /** Words the plan and may pull targets in, within bounds. Default: rules alone. */
  readonly model?: LanguageModel;
  /** How long a plan holds, ms. Default 900,000: one bar of 15 minutes. */
  readonly expiresAfterMs?: number;
  /** The most a question to the model may take, ms. Default 12,000. */
  readonly deadlineMs?: number;
  /** What that runs on: the machine's time, also where the desk's clock is simulated. Default SystemClock. */
  readonly wallClock?: Clock;
  readonly logger?: Logger;
}

/** Options of a plan. */
export interface PlanOptions extends AgentCallOptions {
  /** What is left of the round, ms; the model gets no more. Default: all that it may take. */
  readonly withinMs?: number;
}

interface Heard {
  /** Told what is asked, and once more with what was answered. */
  readonly onAsked: (asked: AskedModel) => void;
}

const rivenPromptHash = sha256Hex(rivenPrompt);

/**
 * Makes the plan of a round whose consensus stands. Direction and confidence are the maths' own and levels come from
 * computed structure; a model words the reasoning and may choose targets among the computed ones, nothing else.
 */
export class Riven {
  readonly name = 'riven';
  readonly #model: LanguageModel | undefined;
  readonly #expiresAfterMs: number;
  readonly #deadlineMs: number;
  readonly #wallClock: Clock;
  readonly #logger: Logger;

  constructor(options: RivenOptions = {}) {
    this.#model = options.model;
    this.#expiresAfterMs = options.expiresAfterMs ?? rivenDefaults.expiresAfterMs;
    this.#deadlineMs = options.deadlineMs ?? rivenDefaults.deadlineMs;
    this.#wallClock = options.wallClock ?? new SystemClock();
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * The plan, or undefined when its geometry can not be right. Never rejects for a model: where that fails, is late or `signal` is
   * aborted, the rules word the plan, and `onReport` is told.
   */
  async plan(request: PlanRequest, options: PlanOptions = {}): Promise<Recommendation | undefined> {
    const { round, instrument, direction, consensus, turns, opinions, price, atr, atrMedian } = request;
    const keyLevels = [...turns, ...opinions].flatMap((word) => word.keyLevels);
    const levels = planLevels({ direction, price, atr, keyLevels, instrument });
    if (levels === undefined) return undefined;
    const archetype = classifyArchetype(direction, opinions);
    const regime = opinions.find((opinion) => opinion.regime !== undefined)?.regime;
    const { takeProfits, reasoning, reasonedBy } = await this.#synthesize(request, levels, archetype, options);
    return {
      id: `recommendation:${round.key}`,
      roundKey: round.key,
      market: round.market,
      instrumentId: round.instrumentId,
      timeframe: round.timeframe,
      direction,
      entry: levels.entry,
      stopLoss: levels.stopLoss,
      takeProfits,
      confidence: consensus.confidence,
      archetype,
      scaling: chooseScaling(archetype, opinions),
      ...(regime === undefined ? {} : { regime }),
      atr,
      atrMedian,
      reasoning,
      reasonedBy,
      contributors: consensus.votes.map((vote) => ({
        ...vote,
        source: turns.find((turn) => turn.agent === vote.agent)?.source ?? 'rules',
      })),
      createdAtMs: round.closeAtMs,
      expiresAtMs: round.closeAtMs + this.#expiresAfterMs,
    };
  }

  async #synthesize(
    request: PlanRequest,
    levels: PlannedLevels,
    archetype: Archetype,
    options: PlanOptions,
  ): Promise<Synthesis> {
    let asked: AskedModel | undefined;
    let fellBack: DecisionInputs['fellBack'];
    const onAsked = (told: AskedModel): void => {
      asked = told;
    };
    const tell = (): void =>
      options.onInputs?.({
        method: { name: this.name, promptVersion: rivenPromptVersion, promptHash: rivenPromptHash },
        reading: { expiresAfterMs: this.#expiresAfterMs },
        ...(asked === undefined ? {} : { asked }),
        ...(fellBack === undefined ? {} : { fellBack }),
      });
    if (this.#model !== undefined) {
      try {
        const synthesis = await this.#ask(this.#model, request, levels, archetype, { ...options, onAsked });
        tell();
        return synthesis;
      } catch (error) {
        const { code, message } = PerpDeskError.is(error)
          ? error
          : { code: 'model.unavailable', message: 'The model failed in a way of its own.' };
        fellBack = { code, message };
        this.#logger.warn({ round: request.round.key, code, message }, 'Riven falls back to rules');
        options.onReport?.({ kind: 'fell-back', code, message });
      }
    }
    tell();
    return { takeProfits: [...levels.takeProfits], reasoning: wordPlan(request, archetype), reasonedBy: 'rules' };
  }

  /**
   * Asks the model to word a plan and to choose among its targets. No word of an agent or of anybody outside goes into the prompt,
   * only numbers and closed words.
   * @throws ModelError when it does not answer in time, or its answer can not be used.
   */
  async #ask(
    model: LanguageModel,
    request: PlanRequest,
    levels: PlannedLevels,
    archetype: Archetype,
    { signal, context, onDraft, onAsked, withinMs = this.#deadlineMs }: PlanOptions & Heard,
  ): Promise<Synthesis> {
    const timeoutMs = Math.min(this.#deadlineMs, withinMs);
    const { data, known } = readPlanData(request, levels, archetype);
    const question = {
      purpose: `riven/${rivenPromptVersion}`,
      system: rivenPrompt,
      prompt: writePlanPrompt(data),
      schema: synthesisSchema,
      schemaName: 'riven_synthesis',
      timeoutMs,
      ...(context === undefined ? {} : { context: { ...context, agent: this.name } }),
    };
    onAsked(askedModel(question));
    if (timeoutMs < rivenDefaults.leastTimeMs) {
      const failure = new ModelError('model.timeout', 'No time was left to ask the model.', { retryable: true });
      tellRefused(model, question, failure);
      throw failure;
    }
    const draft = new MemberDraft('reasoning');
    const answer = await askInTime(model, question, {
      clock: this.#wallClock,
      ...(signal === undefined ? {} : { signal }),
      ...(onDraft === undefined
        ? {}
        : {
            onText: (piece) => {
              onDraft(draft.push(piece));
            },
          }),
    });
    onAsked(askedModel(question, answer));
    return adoptAnswer(answer.value, levels, known);
  }
}
