import {
  type AgentCallOptions,
  type AskedModel,
  type Clock,
  type DecisionInputs,
  type LanguageModel,
  type Opinion,
  type OpinionRequest,
  type OpinionSource,
  PerpDeskError,
  type Ruled,
  SimulatedClock,
  type Turn,
  type TurnRequest,
} from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import { MadeOnce } from '../features/made-once.ts';
import type { ModelAnswer } from '../model/answer-schema.ts';
import { jsonOf } from '../model/call/json-of.ts';
import { handoffOf } from '../model/handoff-wish.ts';
import { ModelAnalyst } from '../model/model-analyst.ts';
import type { Absence, AgentReading, Assessment } from './assessment.ts';
import type { AnalystMethod } from './method.ts';
import { debateByRules } from './rules-turn.ts';
import { confidenceOf, directionOf } from './score.ts';

/** Options of {@link Analyst}. */
export interface AnalystOptions<Reading extends AgentReading, Answer extends ModelAnswer> {
  readonly method: AnalystMethod<Reading, Answer>;
  readonly clock: Clock;
  readonly model?: LanguageModel;
  readonly modelTimeoutMs?: number;
}

interface Judgement {
  readonly assessment: Assessment;
  readonly source: OpinionSource;
  /** What the rules made of the same reading, where a model judged it. */
  readonly ruled?: Assessment;
}

/** What all sensing agents do alike: read, judge by the model where there is one, fall back to the rules, put it in words. */
export class Analyst<Reading extends AgentReading, Answer extends ModelAnswer> {
  readonly #method: AnalystMethod<Reading, Answer>;
  readonly #model: ModelAnalyst<Reading, Answer> | undefined;
  readonly #judged = new MadeOnce<Assessment>();
  #about: DecisionInputs['method'] | undefined;

  constructor(options: AnalystOptions<Reading, Answer>) {
    const { method, model, clock, modelTimeoutMs } = options;
    this.#method = method;
    this.#model =
      model === undefined
        ? undefined
        : new ModelAnalyst({
            method,
            model,
            clock,
            ...(modelTimeoutMs === undefined ? {} : { timeoutMs: modelTimeoutMs }),
          });
  }

  async opine(request: OpinionRequest, options: AgentCallOptions = {}): Promise<Opinion | undefined> {
    const judgement = await this.#judge(this.#method.read(request), request, [], options);
    if ('absent' in judgement) {
      options.onReport?.({ kind: 'abstained', reason: judgement.absent });
      return undefined;
    }
    return this.#opinion(request, judgement);
  }

  async debate(request: TurnRequest, options: AgentCallOptions = {}): Promise<Turn> {
    const { name } = this.#method;
    const { opinion, transcript } = request;
    const judgement = await this.#judge(this.#method.read(request), request, transcript, options);
    // Data that went away since the opinion: the opinion stands as it was.
    if ('absent' in judgement) return this.#turn(request, opinion, debateByRules(name, opinion, transcript));
    const present = this.#opinion(request, judgement);
    const answer = debateByRules(name, present, transcript);
    // A model has read the transcript and weighed it; what the rules make of it is not said twice.
    if (judgement.source === 'rules') return this.#turn(request, present, answer);
    const turn = this.#turn(request, present, { confidence: present.confidence, remark: '' });
    const handoff = handoffOf(judgement.assessment.asks, turn, transcript);
    return handoff === undefined ? turn : { ...turn, handoff };
  }

  /** The same agent on what was recorded, see `SensingAgent.replay`. */
  replay({ reading, absent = 'no-data' }: DecisionInputs, model?: LanguageModel): Analyst<Reading, Answer> {
    const read = (): Reading | Absence =>
      reading === undefined ? { absent: absent as Absence['absent'] } : (reading as unknown as Reading);
    return new Analyst({
      method: { ...this.#method, read },
      // Nobody is waited for: what is recorded is there.
      clock: new SimulatedClock(),
      ...(model === undefined ? {} : { model }),
    });
  }

  async #judge(
    reading: Reading | Absence,
    { instrumentId, deadlineMs, advocateAgainst }: OpinionRequest & Pick<TurnRequest, 'advocateAgainst'>,
    transcript: readonly Turn[],
    options: AgentCallOptions,
  ): Promise<Judgement | Absence> {
    if ('absent' in reading) {
      options.onInputs?.({ method: this.#aboutMethod(), absent: reading.absent });
      return reading;
    }
    const rules = this.#judged.of(this, instrumentId, [reading], () => this.#method.judge(reading));
    const tell = (asked?: AskedModel, fellBack?: DecisionInputs['fellBack']): void =>
      options.onInputs?.({
        method: this.#aboutMethod(),
        reading: jsonOf(reading),
        rules: jsonOf(rules),
        ...(asked === undefined ? {} : { asked }),
        ...(fellBack === undefined ? {} : { fellBack }),
      });
    if (rules.completeness === 0 || this.#model === undefined) {
      tell();
      return rules.completeness === 0 ? { absent: 'no-data' } : { assessment: rules, source: 'rules' };
    }
    let asked: AskedModel | undefined;
    // Only what is told on is reckoned.
    const onAsked = (told: AskedModel): void => {
      asked = told;
    };
    const listening = options.onInputs === undefined ? options : { ...options, onAsked };
    try {
      const question = { reading, rules, transcript, deadlineMs, advocateAgainst };
      const assessment = await this.#model.assess(question, listening);
      tell(asked);
      return { assessment, source: 'model', ruled: rules };
    } catch (error) {
      const { code, message } = PerpDeskError.is(error)
        ? error
        : { code: 'model.unavailable', message: 'The model failed.' };
      tell(asked, { code, message });
      options.onReport?.({ kind: 'fell-back', code, message });
      return { assessment: rules, source: 'rules' };
    }
  }

  #aboutMethod(): DecisionInputs['method'] {
    const { name, promptVersion, systemPrompt } = this.#method;
    this.#about ??= { name, promptVersion, promptHash: sha256Hex(systemPrompt) };
    return this.#about;
  }

  #opinion(request: OpinionRequest, { assessment, source, ruled }: Judgement): Opinion {
    const { name, timeframe, refreshMs } = this.#method;
    const { market, instrumentId, atMs } = request;
    const { completeness, regime, keyLevels, evidence, reasoning, details, components } = assessment;
    return {
      id: `opinion:${name}:${market}:${atMs}`,
      agent: name,
      market,
      instrumentId,
      timeframe,
      atMs,
      refreshMs,
      ...viewOf(assessment),
      completeness,
      source,
      ...(ruled === undefined ? {} : { ruled: viewOf(ruled) }),
      ...(regime === undefined ? {} : { regime }),
      keyLevels: [...keyLevels],
      evidence: [...evidence],
      reasoning,
      details: { ...details, components: { ...components } },
    };
  }

  #turn(request: TurnRequest, view: Opinion, answer: ReturnType<typeof debateByRules>): Turn {
    return {
      index: request.transcript.length,
      agent: view.agent,
      direction: view.direction,
      confidence: answer.confidence,
      keyLevels: view.keyLevels,
      reasoning: `${view.reasoning} ${answer.remark}`.trim().slice(0, 2000),
      evidence: view.evidence,
      source: view.source,
    };
  }
}

/** Direction, score and confidence of an assessment, as they are published. */
const viewOf = (assessment: Assessment): Ruled => ({
  direction: assessment.withheld ? 'neutral' : directionOf(assessment.score),
  score: assessment.score,
  confidence: confidenceOf(assessment),
});
