import {
  type CalibrationView,
  type Clock,
  isFresh,
  type Logger,
  type MarketView,
  type Opinion,
  type Round,
  type SensingAgent,
  SystemClock,
  silentLogger,
  type WarRoomMode,
} from '@perpdesk/core';
import { type ConsensusRules, consensusRules } from '../consensus/reach-consensus.ts';
import { absentRound, roundInputs } from '../journal/round-reading.ts';
import { Riven } from '../riven/agent.ts';
import type { Checkpointer } from './checkpointed-debate.ts';
import { type DebateGraph, type DebateLimits, debateLimits } from './debate.ts';
import { endDebate, type MarketReading } from './end-debate.ts';
import { createHandoffGraph } from './handoff-graph.ts';
import { createParallelGraph } from './parallel-graph.ts';
import type { HoldOptions, RoundOutcome } from './round-outcome.ts';
import { RoundTable } from './round-table.ts';
import { RunningRound } from './running-round.ts';
import type { Spoken } from './speak.ts';
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
  /**
   * Keeps what was said, so that a round that was broken off is taken up where it was: `openCheckpoints` of
   * `@perpdesk/agents/checkpoints`. Default: none. Where it fails the round goes on without it.
   */
  readonly checkpointer?: Checkpointer;
  readonly logger?: Logger;
}

/**
 * The room in which the sensing agents debate and Riven decides: one plan or silence. Works by itself: give it agents, a
 * market view and the agents' latest opinions.
 */
export class WarRoom {
  readonly #options: WarRoomOptions;
  readonly #riven: Riven;
  readonly #wallClock: Clock;
  readonly #limits: DebateLimits;
  readonly #rules: ConsensusRules;
  readonly #logger: Logger;
  #graph: Promise<DebateGraph> | undefined;
  #graphWithoutCheckpoints: Promise<DebateGraph> | undefined;

  constructor(options: WarRoomOptions) {
    this.#options = options;
    this.#wallClock = options.wallClock ?? new SystemClock();
    this.#riven = options.riven ?? new Riven({ wallClock: this.#wallClock });
    this.#limits = { ...debateLimits, ...options.limits };
    this.#rules = options.rules ?? consensusRules;
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
   * Holds the round on the latest opinion of each agent, or takes it up again on those it was begun on. It is over by the round's
   * deadline, and never throws for an agent's or a model's failure: the opinion then speaks for itself, the rules word the plan, and
   * `degraded` tells who.
   * @throws the reason of `signal`, and what `onTurn` throws
   */
  async hold(round: Round, opinions: ReadonlyMap<string, Opinion>, options: HoldOptions = {}): Promise<RoundOutcome> {
    const endsAtMs = this.#wallClock.nowMs() + this.#limits.roundDeadlineMs;
    options.signal?.throwIfAborted();
    const market = this.#read(round);
    if (typeof market === 'string') {
      options.onInputs?.({ kind: 'round', agent: 'war-room', inputs: absentRound(market) });
      return { outcome: 'stood-aside', reason: market, turns: [], degraded: [] };
    }

    const [wallClock, limits, logger] = [this.#wallClock, this.#limits, this.#logger];
    const running = new RunningRound({ round, endsAtMs, wallClock, limits, options, logger });
    const { table, spoken } = await this.#debate(running, opinions);
    options.signal?.throwIfAborted();
    options.onInputs?.({
      kind: 'round',
      agent: 'war-room',
      inputs: roundInputs({ round, table, spoken, market, rules: this.#rules, limits }),
    });
    const outcome = await endDebate({ running, table, spoken, market, riven: this.#riven });
    options.signal?.throwIfAborted();
    return outcome;
  }

  #read({ instrumentId, timeframe }: Round): MarketReading | 'insufficient-history' | 'stale-market-data' {
    const { marketView } = this.#options;
    const volatility = readVolatility(marketView.candles(instrumentId, timeframe, volatilityBars + 50));
    if (volatility === undefined) return 'insufficient-history';
    const instrument = marketView.instrument(instrumentId);
    const ticker = marketView.ticker(instrumentId);
    if (instrument === undefined || !isFresh(ticker)) return 'stale-market-data';
    return { instrument, price: (ticker.value.bid + ticker.value.ask) / 2, volatility };
  }

  /** Holds the debate; without checkpoints where they fail, and then nobody is asked twice. */
  async #debate(
    running: RunningRound,
    opinions: ReadonlyMap<string, Opinion>,
  ): Promise<{ readonly table: RoundTable; readonly spoken: readonly Spoken[] }> {
    const { checkpointer } = this.#options;
    this.#graph ??= this.#createGraph(checkpointer);
    const hold = async (graph: DebateGraph) => {
      const debate = await graph.begin(running.round.key);
      const known =
        debate.opinions === undefined ? opinions : new Map(debate.opinions.map((given) => [given.agent, given]));
      const table = this.#tableOf(running.round, known);
      return { table, spoken: await debate.hold(running.request(table)) };
    };
    try {
      return await hold(await this.#graph);
    } catch (error) {
      if (checkpointer === undefined || running.isBroken) throw error;
      this.#logger.warn({ error, round: running.round.key }, 'a round is held without checkpoints: they failed');
      running.degrade('checkpoints', 'checkpoints.failed');
      this.#graphWithoutCheckpoints ??= this.#createGraph(undefined);
      return hold(await this.#graphWithoutCheckpoints);
    }
  }

  #createGraph(checkpointer: Checkpointer | undefined): Promise<DebateGraph> {
    const options = checkpointer === undefined ? {} : { checkpointer };
    return this.mode === 'handoff' ? createHandoffGraph(options) : createParallelGraph(options);
  }

  #tableOf(round: Round, opinions: ReadonlyMap<string, Opinion>): RoundTable {
    const { agents, calibration } = this.#options;
    return new RoundTable({
      ...{ agents, opinions, rules: this.#rules, closeAtMs: round.closeAtMs },
      ...(calibration === undefined ? {} : { calibration }),
    });
  }
}
