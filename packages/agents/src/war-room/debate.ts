import type { Opinion, Round, SensingAgent, TradeDirection, Turn, WarRoomMode } from '@perpdesk/core';
import type { Spoken } from './speak.ts';

/** Bounds of a debate; PRODUCT §2. */
export interface DebateLimits {
  /** Hand-offs and the devil's advocate included. */
  readonly maxTurns: number;
  readonly agentDeadlineMs: number;
  /** The whole round, Riven's plan included. */
  readonly roundDeadlineMs: number;
}

/** At most 6 turns, 12 s an agent, 30 s a round. */
export const debateLimits: DebateLimits = { maxTurns: 6, agentDeadlineMs: 12_000, roundDeadlineMs: 30_000 };

/** One who is present: the agent and the opinion it came with. */
export interface Debater {
  readonly agent: SensingAgent;
  readonly opinion: Opinion;
}

/** What a turn is asked as, beside the transcript. */
export interface TurnSetting {
  /** The place it will have in the round. */
  readonly index: number;
  /** Set for the devil's advocate: the side it is to argue against. */
  readonly advocateAgainst?: TradeDirection;
}

/** A debate to hold. */
export interface DebateRequest {
  readonly round: Round;
  /** In speaking order. */
  readonly debaters: readonly Debater[];
  /** Takes one turn, with deadlines and fallback. */
  readonly speak: (debater: Debater, transcript: readonly Turn[], setting: TurnSetting) => Promise<Spoken>;
  /** Told of each turn as it is made; resolves with the turn as it is kept, which is the one that counts. */
  readonly onTurn: (spoken: Spoken) => Promise<Spoken>;
  /** Takes the devil's advocate's turn where what was said calls for one. */
  readonly advocate: (spoken: readonly Spoken[]) => Promise<Spoken | undefined>;
  readonly maxTurns: number;
}

/** The debate of one round. */
export interface Debate {
  /** The opinions it was begun on, where it is taken up again. */
  readonly opinions?: readonly Opinion[];
  /** Holds it, or what is left of it. Resolves with all that was said, oldest first. */
  hold(request: DebateRequest): Promise<readonly Spoken[]>;
}

/** Holds debates of one mode. */
export interface DebateGraph {
  readonly mode: WarRoomMode;
  /** Looks up what is kept of a round and readies its debate. */
  begin(roundKey: string): Promise<Debate>;
}

/** Each agent's last word that is a vote, in the order they first spoke. */
export function finalTurns(turns: readonly Turn[]): readonly Turn[] {
  const last = new Map<string, Turn>();
  for (const turn of turns) if (turn.role === undefined) last.set(turn.agent, turn);
  return [...last.values()];
}
