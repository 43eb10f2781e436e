import {
  type AgentCallOptions,
  type AgentTrigger,
  type Clock,
  type DecisionInputs,
  type KeyLevel,
  type LanguageModel,
  type Opinion,
  type OpinionRequest,
  type Regime,
  type SensingAgent,
  type Timeframe,
  type Turn,
  type TurnRequest,
  timeframeMs,
} from '@perpdesk/core';
import { Analyst } from '../analyst/analyst.ts';
import type { AgentReading } from '../analyst/assessment.ts';
import type { AnalystMethod } from '../analyst/method.ts';
import { checkFeatureAgent } from './check-options.ts';
import { type FeatureAnswer, featureMethod } from './feature-method.ts';

/** What a {@link FeatureAgent} reads at one moment. */
export interface FeatureReading {
  /** The numbers that rules and model judge, by name: `basis.bp`. What can not be computed is undefined or NaN, and left out. */
  readonly features: Readonly<Record<string, number | undefined>>;
  /** Support and resistance, where the agent finds any. Default none. */
  readonly keyLevels?: readonly KeyLevel[];
  /** How far, in price, a model may shift a level. Default 0. */
  readonly levelTolerance?: number;
  /** Text from outside that a model may be shown, marked as such and capped. */
  readonly untrusted?: readonly string[];
}

/** What the rules of a {@link FeatureAgent} say. */
export interface FeatureJudgement<Component extends string> {
  /** −25 (bearish) to 25 (bullish) each, clamped; a component whose data is missing is left out or undefined. */
  readonly components: Readonly<Partial<Record<Component, number | undefined>>>;
  /** One or two sentences for people. Default: the components and their values. */
  readonly reasoning?: string;
  readonly regime?: Regime;
  /** Anything of its own to publish, JSON. */
  readonly details?: Opinion['details'];
}

/** Options of {@link FeatureAgent}. */
export interface FeatureAgentOptions<Component extends string> {
  /** Lower-case letters, digits and dashes, unlike any other agent's: `carry`. */
  readonly name: string;
  /** Its weight in the consensus, above 0; Vanta has 0.40, Luma 0.35, Meridian 0.25, and all are normalised. */
  readonly weight: number;
  /** The candle close at which it speaks. */
  readonly timeframe: Timeframe;
  /** Default: the close of `timeframe`. */
  readonly triggers?: readonly AgentTrigger[];
  /** The usual time between two opinions, ms; older than twice this is stale, than four times missing. Default: the timeframe. */
  readonly refreshMs?: number;
  /** The parts its score is the sum of, at least one. */
  readonly components: readonly Component[];
  /** What a model's time is measured with. */
  readonly clock: Clock;
  /** Reads data as of the clock and computes the features. Undefined, or no feature at all: it has no opinion. */
  readonly read: (request: OpinionRequest) => FeatureReading | undefined;
  /** The rules: a pure function of the features. They serve without a model, when it fails, and as what it must beat. */
  readonly judge: (features: Readonly<Record<string, number>>) => FeatureJudgement<Component>;
  /** Judges in the rules' place. Needs `prompt`. Default: rules alone. */
  readonly model?: LanguageModel;
  /** Who the agent is and how its features are to be read; raise `version` with every change of the text. */
  readonly prompt?: { readonly version: number; readonly text: string };
  /**
   * Lets its model ask an agent that has spoken to speak again: the answer has one member more, which is followed where the debate bears it
   * out and the room allows it. Raise the prompt's version with a change of this. Default false: the room's rules alone.
   */
  readonly handoffs?: boolean;
  /** The most a question to the model may take, ms. Default 8,000. */
  readonly modelTimeoutMs?: number;
}

/**
 * A sensing agent of your own: say what it reads and how its rules judge it; scoring, confidence, grounding of a model's answer,
 * fallback and the manners of a debate are those of all agents. It joins rounds, consensus, track records and traces like ours.
 *
 * @throws ConfigError `agent.option` naming the option that can not be used.
 * @example
 * ```ts
 * const carry = new FeatureAgent({
 *   name: 'carry',
 *   weight: 0.2,
 *   timeframe: '1h',
 *   components: ['funding'],
 *   clock,
 *   read: ({ instrumentId }) => ({ features: { 'funding.rate': derivatives.funding(instrumentId, 1).at(-1)?.rate } }),
 *   judge: (features) => ({ components: { funding: -25 * Math.tanh((features['funding.rate'] ?? 0) / 0.0005) } }),
 * });
 * const warRoom = new WarRoom({ agents: [vanta, luma, carry], marketView });
 * ```
 */
export class FeatureAgent<Component extends string = string> implements SensingAgent {
  readonly name: string;
  readonly weight: number;
  readonly triggers: readonly AgentTrigger[];
  readonly refreshMs: number;
  readonly #analyst: Analyst<FeatureAgentReading, FeatureAnswer>;

  constructor(options: FeatureAgentOptions<Component>) {
    checkFeatureAgent(options);
    const { clock, model, modelTimeoutMs } = options;
    const method: AnalystMethod<FeatureAgentReading, FeatureAnswer> = featureMethod({
      ...options,
      triggers: options.triggers ?? [{ kind: 'candle-close', timeframe: options.timeframe }],
      refreshMs: options.refreshMs ?? timeframeMs(options.timeframe),
    });
    this.name = method.name;
    this.weight = options.weight;
    this.triggers = method.triggers;
    this.refreshMs = method.refreshMs;
    this.#analyst = new Analyst({
      method,
      clock,
      ...(model === undefined ? {} : { model }),
      ...(modelTimeoutMs === undefined ? {} : { modelTimeoutMs }),
    });
  }

  /** Its view, or undefined without any of its data. */
  opine(request: OpinionRequest, options?: AgentCallOptions): Promise<Opinion | undefined> {
    return this.#analyst.opine(request, options);
  }

  /** Its turn in a debate. */
  debate(request: TurnRequest, options?: AgentCallOptions): Promise<Turn> {
    return this.#analyst.debate(request, options);
  }

  /** Itself on what was recorded, without its data ports. */
  replay(inputs: DecisionInputs, model?: LanguageModel): Pick<SensingAgent, 'opine' | 'debate'> {
    return this.#analyst.replay(inputs, model);
  }
}

/** What is read, with what may be shown of the outside. */
export interface FeatureAgentReading extends AgentReading {
  readonly untrusted: readonly string[];
}
