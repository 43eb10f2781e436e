import type { Direction, Turn } from '@perpdesk/core';
import type { Assessment } from './assessment.ts';

/** How rules answer disagreement. Set once, from reasons; see {@link debateByRules}. */
export const debateDefaults = {
  /** A score below this, either way, is weak evidence. */
  weakScore: 40,
  /** How much surer an opponent must be to be given way to. */
  margin: 0.1,
  /** What is left of the confidence after giving way. Once, never compounded: it is applied to the fresh judgement. */
  concession: 0.9,
} as const;

/** What a debate adds to a judgement. */
export interface DebateAnswer {
  readonly confidence: number;
  readonly remark: string;
}

/**
 * Answers a transcript by rule. Against the last word of each agent that takes the opposite side: where one's own score is weak
 * and an opponent is surer by the margin, the confidence is lowered by a tenth; else it stays. The direction is never changed: consensus
 * weighs it. Who speaks next is the room's to decide.
 */
export function debateByRules(
  name: string,
  own: Pick<Assessment, 'score'> & { readonly direction: Direction; readonly confidence: number },
  transcript: readonly Turn[],
): DebateAnswer {
  const opponent = strongestOpponent(name, own.direction, transcript);
  if (opponent === undefined) return { confidence: own.confidence, remark: '' };
  if (Math.abs(own.score) < debateDefaults.weakScore && opponent.confidence >= own.confidence + debateDefaults.margin) {
    return {
      confidence: own.confidence * debateDefaults.concession,
      remark: `Its evidence is weak against ${opponent.agent}'s ${opponent.direction} view, so it holds the view with less confidence.`,
    };
  }
  return {
    confidence: own.confidence,
    remark: `It keeps its view against ${opponent.agent}'s ${opponent.direction} one.`,
  };
}

function strongestOpponent(name: string, direction: Direction, transcript: readonly Turn[]): Turn | undefined {
  if (direction === 'neutral') return undefined;
  const lastWords = new Map<string, Turn>();
  for (const turn of transcript) lastWords.set(turn.agent, turn);
  let strongest: Turn | undefined;
  for (const turn of lastWords.values()) {
    if (turn.agent === name || turn.direction === 'neutral' || turn.direction === direction) continue;
    if (strongest === undefined || turn.confidence > strongest.confidence) strongest = turn;
  }
  return strongest;
}
