import type {
  CalibrationView,
  Consensus,
  Opinion,
  SensingAgent,
  TrackRecord,
  TradeDirection,
  Turn,
} from '@perpdesk/core';
import { calibrationFactor } from '../consensus/calibration-factor.ts';
import { type Freshness, freshness } from '../consensus/freshness.ts';
import { type ConsensusRules, isStrong, reachConsensus } from '../consensus/reach-consensus.ts';
import { type Debater, finalTurns } from './debate.ts';
import { type Case, caseAgainst, chooseAdvocate } from './devils-advocate.ts';

/** Options of {@link RoundTable}. */
export interface RoundTableOptions {
  /** The panel, in speaking order. */
  readonly agents: readonly SensingAgent[];
  /** The latest opinions, by agent. */
  readonly opinions: ReadonlyMap<string, Opinion>;
  /** The close they are judged at. */
  readonly closeAtMs: number;
  readonly rules: ConsensusRules;
  /** Default: every factor 1. */
  readonly calibration?: CalibrationView;
}

/** Who sits in a round, with what weight, and what their words come to. */
export class RoundTable {
  /** Who is present: those whose opinion is not missing. */
  readonly debaters: readonly Debater[];
  /** The whole panel: what each weighs before calibration, and the record that the factor comes from. */
  readonly seats: readonly { readonly agent: string; readonly weight: number; readonly record?: TrackRecord }[];
  readonly #agents: readonly SensingAgent[];
  readonly #states: ReadonlyMap<string, Freshness>;
  readonly #factors: ReadonlyMap<string, number>;
  readonly #rules: ConsensusRules;

  constructor({ agents, opinions, closeAtMs, rules, calibration }: RoundTableOptions) {
    this.#agents = agents;
    this.#rules = rules;
    this.#states = new Map(agents.map(({ name }) => [name, freshness(opinions.get(name), closeAtMs)]));
    this.seats = agents.map(({ name, weight }) => {
      const record = calibration?.record(name);
      return { agent: name, weight, ...(record === undefined ? {} : { record }) };
    });
    this.#factors = new Map(this.seats.map(({ agent, record }) => [agent, calibrationFactor(record)]));
    this.debaters = agents.flatMap((agent): Debater[] => {
      const opinion = opinions.get(agent.name);
      return opinion === undefined || this.#states.get(agent.name) === 'missing' ? [] : [{ agent, opinion }];
    });
  }

  /** What the last words come to, the devil's advocate heard. */
  consensus(turns: readonly Turn[]): Consensus {
    const { words, challenge } = this.lastWords(turns);
    return reachConsensus(
      this.#agents.map(({ name, weight }) => {
        const word = words.find((turn) => turn.agent === name);
        const seat = { agent: name, weight, factor: this.#factors.get(name) ?? 1 };
        if (word === undefined) return seat;
        const { direction, confidence } = word;
        return { ...seat, vote: { direction, confidence, stale: this.#states.get(name) === 'stale' } };
      }),
      this.#rules,
      challenge === undefined ? undefined : { agent: challenge.agent, strength: challenge.confidence },
    );
  }

  /** Each agent's last vote, and the devil's advocate's turn, where there was one. */
  lastWords(turns: readonly Turn[]): { readonly words: readonly Turn[]; readonly challenge: Turn | undefined } {
    return { words: finalTurns(turns), challenge: turns.find((turn) => turn.role === 'devils-advocate') };
  }

  /** Who speaks against what was said, and the case that was computed, where the consensus is strong. */
  challenge(
    turns: readonly Turn[],
  ): { readonly against: TradeDirection; readonly advocate: Debater; readonly found: Case } | undefined {
    const consensus = this.consensus(turns);
    const { direction } = consensus;
    if (direction === 'neutral' || !isStrong(consensus, this.#rules)) return undefined;
    const advocate = chooseAdvocate(direction, this.debaters);
    if (advocate === undefined) return undefined;
    const weighed = this.debaters.map(({ agent, opinion }) => ({
      opinion,
      weight: agent.weight * (this.#factors.get(agent.name) ?? 1),
    }));
    return { against: direction, advocate, found: caseAgainst(direction, weighed) };
  }
}
