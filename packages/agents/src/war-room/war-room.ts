import {
  type CalibrationView,
  type Clock,
  type Consensus,
  isFresh,
  type Logger,
  type MarketView,
  type Opinion,
  type Recommendation,
  type Round,
  type SensingAgent,
  type StandAsideReason,
  SystemClock,
  silentLogger,
  type Turn,
  type WarRoomMode,
} from '@perpdesk/core';
import { calibrationFactor } from '../consensus/calibration-factor.ts';
import { freshness } from '../consensus/freshness.ts';
import { type ConsensusRules, consensusRules, reachConsensus } from '../consensus/reach-consensus.ts';
import { Riven } from '../riven/riven.ts';
import { type DebateGraph, type DebateLimits, type Debater, debateLimits, finalTurns } from './debate.ts';
import { createHandoffGraph } from './handoff-graph.ts';
import { createParallelGraph } from './parallel-graph.ts';
import { type Spoken, speak } from './speak.ts';
import { readVolatility, volatilityBars } from './volatility.ts';

/** Options of {@link WarRoom}. */
export interface WarRoomOptions {
  /** The panel, in speaking order. */
  readonly agents: readonly SensingAgent[];
  readonly marketView: MarketView;
  /** Default: by rules. */
  readonly riven?: Riven;
  /** Default: no records, every factor 1. */
  readonly calibration?: CalibrationView;
  /** Default `handoff`. */
  readonly mode?: WarRoomMode;
  /** What deadlines run on: they bound machines' work, so real time also where the desk's clock is simulated. Default SystemClock. */
  readonly wallClock?: Clock;
  readonly limits?: Partial<DebateLimits>;
  readonly rules?: ConsensusRules;
  readonly logger?: Logger;
}

/** How a round ended. */
export type RoundOutcome =
  | {
      readonly outcome: 'published';
      readonly recommendation: Recommendation;
      readonly consensus: Consensus;
      readonly turns: readonly Turn[];
    }
  | {
      readonly outcome: 'stood-aside';
      readonly reason: StandAsideReason;
      readonly consensus?: Consensus;
      readonly turns: readonly Turn[];
    };

/**
 * The room in which the sensing agents debate and Riven decides: one plan or silence. Works by itself: give it agents, a
 * market view and the agents' latest opinions.
 */
export class WarRoom {
  readonly #options: WarRoomOptions;
  readonly #riven: Riven;
  readonly #wallClock: Clock;
  readonly #limits: DebateLimits;
  readonly #logger: Logger;
  #graph: Promise<DebateGraph> | undefined;

  constructor(options: WarRoomOptions) {
    this.#options = options;
    this.#riven = options.riven ?? new Riven();
    this.#wallClock = options.wallClock ?? new SystemClock();
    this.#limits = { ...debateLimits, ...options.limits };
    this.#logger = options.logger ?? silentLogger;
  }

  /** The panel, in speaking order. */
  get agents(): readonly SensingAgent[] {
    return this.#options.agents;
  }

  /** `handoff` or `graph`. */
  get mode(): WarRoomMode {
    return this.#options.mode ?? 'handoff';
  }

  /**
   * Holds the round on the latest opinion of each agent. Never throws for an agent's or a model's failure: the opinion then
   * speaks for itself. `onTurn` is told of each turn as it is made, with what went wrong where something did.
   */
  async hold(
    round: Round,
    opinions: ReadonlyMap<string, Opinion>,
    {
      onTurn,
      signal,
    }: { readonly onTurn?: (spoken: Spoken) => Promise<void> | void; readonly signal?: AbortSignal } = {},
  ): Promise<RoundOutcome> {
    const { marketView } = this.#options;
    const volatility = readVolatility(marketView.candles(round.instrumentId, round.timeframe, volatilityBars + 50));
    if (volatility === undefined) return { outcome: 'stood-aside', reason: 'insufficient-history', turns: [] };
    const instrument = marketView.instrument(round.instrumentId);
    const ticker = marketView.ticker(round.instrumentId);
    if (instrument === undefined || !isFresh(ticker))
      return { outcome: 'stood-aside', reason: 'stale-market-data', turns: [] };

    const states = new Map(
      this.agents.map((agent) => [agent.name, freshness(opinions.get(agent.name), round.closeAtMs)]),
    );
    const debaters = this.agents.flatMap((agent): Debater[] => {
      const opinion = opinions.get(agent.name);
      return opinion === undefined || states.get(agent.name) === 'missing' ? [] : [{ agent, opinion }];
    });
    const turns = await this.#debate(round, debaters, onTurn);
    const last = finalTurns(turns);

    const consensus = reachConsensus(
      this.agents.map(({ name, weight }) => {
        const turn = last.find((word) => word.agent === name);
        const factor = calibrationFactor(this.#options.calibration?.record(name));
        return turn === undefined
          ? { agent: name, weight, factor }
          : {
              agent: name,
              weight,
              factor,
              vote: { direction: turn.direction, confidence: turn.confidence, stale: states.get(name) === 'stale' },
            };
      }),
      this.#options.rules ?? consensusRules,
    );
    const { direction, standAside } = consensus;
    if (standAside !== undefined || direction === 'neutral') {
      return { outcome: 'stood-aside', reason: standAside ?? 'too-few-votes', consensus, turns };
    }
    const recommendation = await this.#riven.plan(
      {
        round,
        instrument,
        direction,
        consensus,
        turns: last,
        opinions: debaters.map((debater) => debater.opinion),
        price: (ticker.value.bid + ticker.value.ask) / 2,
        ...volatility,
      },
      signal === undefined ? {} : { signal },
    );
    return recommendation === undefined
      ? { outcome: 'stood-aside', reason: 'geometry', consensus, turns }
      : { outcome: 'published', recommendation, consensus, turns };
  }

  async #debate(
    round: Round,
    debaters: readonly Debater[],
    onTurn: ((spoken: Spoken) => Promise<void> | void) | undefined,
  ): Promise<readonly Turn[]> {
    this.#graph ??= this.mode === 'handoff' ? createHandoffGraph() : createParallelGraph();
    const graph = await this.#graph;
    const { agentDeadlineMs, roundDeadlineMs, maxTurns } = this.#limits;
    const endsAtMs = this.#wallClock.nowMs() + roundDeadlineMs;
    return graph.hold({
      round,
      debaters,
      maxTurns,
      onTurn: async (spoken) => {
        if (spoken.failure !== undefined)
          this.#logger.warn({ round: round.key, ...spoken.failure }, 'an agent did not take its turn');
        await onTurn?.(spoken);
      },
      speak: ({ agent, opinion }, transcript) => {
        const allowedMs = Math.min(agentDeadlineMs, endsAtMs - this.#wallClock.nowMs());
        const { market, instrumentId, closeAtMs } = round;
        const request = {
          market,
          instrumentId,
          atMs: closeAtMs,
          deadlineMs: Math.max(0, allowedMs),
          opinion,
          transcript,
        };
        return speak(agent, request, { wallClock: this.#wallClock, allowedMs });
      },
    });
  }
}
