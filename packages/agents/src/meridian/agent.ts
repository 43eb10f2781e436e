import {
  type AgentCallOptions,
  type AgentTrigger,
  type Clock,
  type DecisionInputs,
  type LanguageModel,
  type MacroView,
  type MarketView,
  type Opinion,
  type OpinionRequest,
  type SensingAgent,
  type Turn,
  type TurnRequest,
  timeframeMs,
} from '@perpdesk/core';
import { Analyst } from '../analyst/analyst.ts';
import type { AnalystMethod } from '../analyst/method.ts';
import { type MeridianReading, type MeridianSources, readMeridian } from './features.ts';
import { meridianPrompt, meridianPromptVersion, meridianUntrusted } from './prompt.ts';
import { judgeMeridian, meridianComponents, meridianDetails } from './rules.ts';
import { type MeridianAnswer, meridianAnswerSchema } from './schema.ts';
import { alertWindows, type MeridianSettings, meridianDefaults, meridianSettings } from './settings.ts';

/** Options of {@link Meridian}. */
export interface MeridianOptions {
  readonly marketView: MarketView;
  readonly macroView: MacroView;
  readonly clock: Clock;
  /** Default: risk-on from 20, risk-off from −20, alert window `4h`, sensitivity `alert`. */
  readonly settings?: Partial<MeridianSettings>;
  /** Judges instead of the rules, which stay its fallback. Default: rules alone. */
  readonly model?: LanguageModel;
  /** The most a question to the model may take. Default 8,000. */
  readonly modelTimeoutMs?: number;
}

/**
 * Reads the macro picture: surprises of economic releases by theme, catalysts ahead, and risk appetite as the leading market shows it. With
 * no calendar at all it still has the last of its four components, with completeness 0.25. It never halts trading.
 *
 * @example
 * ```ts
 * const meridian = new Meridian({ marketView, macroView, clock });
 * const opinion = await meridian.opine({ market: 'BTC-PERP', instrumentId: 'BTC-PERP@hyperliquid', atMs, deadlineMs: 12_000 });
 * // { direction: 'long', score: 41.2, completeness: 0.25, details: { macroRegime: 'risk-on', catalysts: [], … }, … }
 * ```
 */
export class Meridian implements SensingAgent {
  readonly name = 'meridian';
  readonly weight = meridianDefaults.weight;
  readonly triggers: readonly AgentTrigger[];
  readonly refreshMs: number;
  readonly #analyst: Analyst<MeridianReading, MeridianAnswer>;

  constructor(options: MeridianOptions) {
    const { marketView, macroView, settings, ...rest } = options;
    const method = meridianMethod({ marketView, macroView }, { ...meridianSettings, ...settings });
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

function meridianMethod(
  sources: MeridianSources,
  settings: MeridianSettings,
): AnalystMethod<MeridianReading, MeridianAnswer> {
  const { timeframe } = meridianDefaults;
  return {
    name: 'meridian',
    timeframe,
    triggers: [{ kind: 'macro-release' }, { kind: 'candle-close', timeframe }],
    refreshMs: timeframeMs(timeframe),
    components: meridianComponents.length,
    read: (request) => readMeridian(sources, request, alertWindows[settings.alertWindow]),
    judge: (reading) => judgeMeridian(reading, settings),
    promptVersion: meridianPromptVersion,
    systemPrompt: meridianPrompt,
    untrusted: meridianUntrusted,
    answerSchema: meridianAnswerSchema,
    adopt: (reading, answer, _rules, score) => ({
      details: meridianDetails(reading, answer.components, score, settings),
    }),
  };
}
