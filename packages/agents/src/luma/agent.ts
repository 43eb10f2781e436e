import {
  type AgentCallOptions,
  type AgentTrigger,
  type Clock,
  type DecisionInputs,
  type LanguageModel,
  type MarketView,
  type Opinion,
  type OpinionRequest,
  type SensingAgent,
  type Turn,
  type TurnRequest,
  timeframeMs,
} from '@perpdesk/core';
import { Analyst } from '../analyst/analyst.ts';
import type { AgentReading } from '../analyst/assessment.ts';
import type { AnalystMethod } from '../analyst/method.ts';
import type { DerivativesSource } from '../features/computed-derivatives.ts';
import { type LumaSources, readLuma } from './features.ts';
import { lumaPrompt, lumaPromptVersion } from './prompt.ts';
import { judgeLuma, lumaComponents, lumaView } from './rules.ts';
import { type LumaAnswer, lumaAnswerSchema } from './schema.ts';
import { type LumaSettings, lumaDefaults, lumaSettings } from './settings.ts';

/** Options of {@link Luma}. */
export interface LumaOptions {
  readonly marketView: MarketView;
  /**
   * Where it computes features too, as data's MarketState does, those are read, and only what is fresh of them. An answer that has
   * changed must be another object than the one before.
   */
  readonly derivativesView: DerivativesSource;
  readonly clock: Clock;
  /** Default: sensitivity `alert`, trigger `5m`, filter `all`. */
  readonly settings?: Partial<LumaSettings>;
  /** Judges instead of the rules, which stay its fallback. Default: rules alone. */
  readonly model?: LanguageModel;
  /** The most a question to the model may take. Default 8,000. */
  readonly modelTimeoutMs?: number;
}

/**
 * Reads derivatives: open interest, funding, volume, flow across venues. Where a venue publishes only some of them, its score is
 * rescaled to those and its completeness says so. Abstains (`no-data`) without any.
 *
 * @example
 * ```ts
 * const luma = new Luma({ marketView, derivativesView, clock, settings: { sensitivity: 'calm' } });
 * const opinion = await luma.opine({ market: 'BTC-PERP', instrumentId: 'BTC-PERP@hyperliquid', atMs, deadlineMs: 12_000 });
 * // { direction: 'short', score: -34.5, completeness: 0.5, details: { label: 'weak', … }, … }
 * ```
 */
export class Luma implements SensingAgent {
  readonly name = 'luma';
  readonly weight = lumaDefaults.weight;
  readonly triggers: readonly AgentTrigger[];
  readonly refreshMs: number;
  readonly #analyst: Analyst<AgentReading, LumaAnswer>;

  constructor(options: LumaOptions) {
    const { marketView, derivativesView, settings, ...rest } = options;
    const method = lumaMethod({ marketView, derivativesView }, { ...lumaSettings, ...settings });
    this.triggers = method.triggers;
    this.refreshMs = method.refreshMs;
    this.#analyst = new Analyst({ ...rest, method });
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

function lumaMethod(sources: LumaSources, settings: LumaSettings): AnalystMethod<AgentReading, LumaAnswer> {
  const timeframe = settings.trigger;
  return {
    name: 'luma',
    timeframe,
    triggers: [{ kind: 'candle-close', timeframe }],
    refreshMs: timeframeMs(timeframe),
    components: lumaComponents.length,
    read: (request) => readLuma(sources, request),
    judge: (reading) => judgeLuma(reading, settings),
    promptVersion: lumaPromptVersion,
    systemPrompt: lumaPrompt,
    answerSchema: lumaAnswerSchema,
    adopt: ({ features }, answer, _rules, score) => lumaView(features, answer.components, score, settings),
  };
}
