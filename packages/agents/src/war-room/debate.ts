import type { Opinion, Round, SensingAgent, Turn, WarRoomMode } from '@perpdesk/core';
import type { Spoken } from './speak.ts';

/** Bounds of a debate; PRODUCT §2. */
export interface DebateLimits {
  readonly maxTurns: number;
  readonly agentDeadlineMs: number;
  readonly roundDeadlineMs: number;
}

/** At most 6 turns, 12 s an agent, 30 s a round. */
export const debateLimits: DebateLimits = { maxTurns: 6, agentDeadlineMs: 12_000, roundDeadlineMs: 30_000 };

/** One who is present: the agent and the opinion it came with. */
export interface Debater {
  readonly agent: SensingAgent;
  readonly opinion: Opinion;
}

/** A debate to hold. */
export interface DebateRequest {
  readonly round: Round;
  /** In speaking order. */
  readonly debaters: readonly Debater[];
  /** Takes one turn, with deadlines and fallback. */
  readonly speak: (debater: Debater, transcript: readonly Turn[]) => Promise<Spoken>;
  /** Told of each turn as it is made. */
  readonly onTurn: (spoken: Spoken) => Promise<void>;
  readonly maxTurns: number;
}

/** Holds debates of one mode. Resolves with the turns, oldest first. */
export interface DebateGraph {
  readonly mode: WarRoomMode;
  hold(request: DebateRequest): Promise<readonly Turn[]>;
}

/** Each agent's last word, in the order they first spoke. */
export function finalTurns(turns: readonly Turn[]): readonly Turn[] {
  const last = new Map<string, Turn>();
  for (const turn of turns) last.set(turn.agent, turn);
  return [...last.values()];
}
