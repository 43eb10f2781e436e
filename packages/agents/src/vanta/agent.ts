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
import { readVanta } from './features.ts';
import { vantaPrompt, vantaPromptVersion } from './prompt.ts';
import { judgeVanta, vantaComponents } from './rules.ts';
import { type VantaAnswer, vantaAnswerSchema } from './schema.ts';
import { vantaDefaults } from './settings.ts';

/** Options of {@link Vanta}. */
export interface VantaOptions {
  readonly marketView: MarketView;
  readonly clock: Clock;
  /** Judges instead of the rules, which stay its fallback. Default: rules alone. */
  readonly model?: LanguageModel;
  /** The most a question to the model may take. Default 8,000. */
  readonly modelTimeoutMs?: number;
}

/**
 * Reads market structure and regime from candles and indicators of 15m, 1h and 4h, at each close of 15m. Abstains
 * (`insufficient-history`) below 40 bars of 15m or 21 of 1h.
 *
 * @example
 * ```ts
 * const vanta = new Vanta({ marketView, clock });
 * const opinion = await vanta.opine({ market: 'BTC-PERP', instrumentId: 'BTC-PERP@hyperliquid', atMs, deadlineMs: 12_000 });
 * // { direction: 'long', score: 46.2, confidence: 0.66, regime: 'trending', … }
 * ```
 */
export class Vanta implements SensingAgent {
  readonly name = 'vanta';
  readonly weight = vantaDefaults.weight;
  readonly triggers: readonly AgentTrigger[];
  readonly refreshMs: number;
  readonly #analyst: Analyst<AgentReading, VantaAnswer>;

  constructor(options: VantaOptions) {
    const { marketView, ...rest } = options;
    const method = vantaMethod(marketView);
    this.triggers = method.triggers;
    this.refreshMs = method.refreshMs;
    this.#analyst = new Analyst({ ...rest, method });
  }

  /** Its view, or undefined without the history it needs. */
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

function vantaMethod(marketView: MarketView): AnalystMethod<AgentReading, VantaAnswer> {
  const { timeframe } = vantaDefaults;
  return {
    name: 'vanta',
    timeframe,
    triggers: [{ kind: 'candle-close', timeframe }],
    refreshMs: timeframeMs(timeframe),
    components: vantaComponents.length,
    read: (request) => readVanta({ marketView }, request),
    judge: judgeVanta,
    promptVersion: vantaPromptVersion,
    systemPrompt: vantaPrompt,
    answerSchema: vantaAnswerSchema,
    adopt: (_reading, answer, rules) => {
      const { regime, structureState, momentumAlignment, volumeRead, outlook } = answer;
      return { regime, details: { ...rules.details, structureState, momentumAlignment, volumeRead, outlook } };
    },
  };
}
