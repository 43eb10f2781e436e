import {
  type Consensus,
  type Instrument,
  type LanguageModel,
  type Logger,
  type Opinion,
  type Recommendation,
  type Round,
  silentLogger,
  type TradeDirection,
  type Turn,
} from '@perpdesk/core';
import { chooseScaling, classifyArchetype } from './classify.ts';
import { planLevels } from './plan-levels.ts';
import { ask, type Synthesis } from './synthesis.ts';

/** What Riven makes a plan of. */
export interface PlanRequest {
  readonly round: Round;
  readonly instrument: Instrument;
  /** A direction that the consensus maths let through. */
  readonly direction: TradeDirection;
  readonly consensus: Consensus;
  /** The agents' last words. */
  readonly turns: readonly Turn[];
  /** The opinions they came with, fresh or stale. */
  readonly opinions: readonly Opinion[];
  /** Mid of the reference instrument. */
  readonly price: number;
  readonly atr: number;
  readonly atrMedian: number;
}

/** Options of {@link Riven}. */
export interface RivenOptions {
  /** Words the plan and may pull targets in, within bounds. Default: rules alone. */
  readonly model?: LanguageModel;
  /** How long a plan holds. Default: one bar of 15 minutes. */
  readonly expiresAfterMs?: number;
  /** For the model. Default 12 s. */
  readonly deadlineMs?: number;
  readonly logger?: Logger;
}

/**
 * Makes the plan of a round whose consensus stands. Direction and confidence are the maths' own and levels come from
 * computed structure; a model words the reasoning and may choose targets among the computed ones, nothing else.
 */
export class Riven {
  readonly #model: LanguageModel | undefined;
  readonly #expiresAfterMs: number;
  readonly #deadlineMs: number;
  readonly #logger: Logger;

  constructor(options: RivenOptions = {}) {
    this.#model = options.model;
    this.#expiresAfterMs = options.expiresAfterMs ?? 900_000;
    this.#deadlineMs = options.deadlineMs ?? 12_000;
    this.#logger = options.logger ?? silentLogger;
  }

  /** The plan, or undefined when its geometry can not be right. */
  async plan(request: PlanRequest, options?: { readonly signal?: AbortSignal }): Promise<Recommendation | undefined> {
    const { round, instrument, direction, consensus, turns, opinions, price, atr, atrMedian } = request;
    const keyLevels = [...turns, ...opinions].flatMap((word) => word.keyLevels);
    const levels = planLevels({ direction, price, atr, keyLevels, instrument });
    if (levels === undefined) return undefined;
    const archetype = classifyArchetype(direction, opinions);
    const regime = opinions.find((opinion) => opinion.regime !== undefined)?.regime;
    const ruled: Synthesis = {
      takeProfits: [...levels.takeProfits],
      reasoning: wordPlan(request, archetype),
      reasonedBy: 'rules',
    };
    const { takeProfits, reasoning, reasonedBy } =
      this.#model === undefined
        ? ruled
        : await ask(this.#model, { request, levels, archetype, timeoutMs: this.#deadlineMs }, options).catch(
            (error: unknown) => {
              this.#logger.warn({ error, round: round.key }, 'Riven falls back to rules');
              return ruled;
            },
          );
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
}

function wordPlan({ round, direction, consensus, turns }: PlanRequest, archetype: string): string {
  const percent = (value: number): string => `${Math.round(value * 100)} %`;
  const penalties = [
    consensus.missing.length > 0 ? `${consensus.missing.join(' and ')} missing` : '',
    consensus.stale.length > 0 ? `${consensus.stale.join(' and ')} stale` : '',
    consensus.disagreement > 0 ? `disagreement ${percent(consensus.disagreement)}` : '',
  ].filter((note) => note !== '');
  const lines = turns.map(
    (turn) => `${turn.agent} (${turn.direction}, ${percent(turn.confidence)}): ${turn.reasoning}`,
  );
  const summary = `${round.market} ${direction} as ${archetype} at ${percent(consensus.confidence)}${penalties.length > 0 ? `, after ${penalties.join(', ')}` : ''}.`;
  return [summary, ...lines].join('\n').slice(0, 4000);
}
