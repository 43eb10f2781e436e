import type { Turn } from '@perpdesk/core';
import { debateDefaults } from '../analyst/rules-turn.ts';
import type { Debater } from './debate.ts';
import type { Spoken } from './speak.ts';

/** When the word goes to somebody who has spoken already. Set once, from reasons; decision 0021. */
export const handoffDefaults = {
  /** An opponent at least this sure is asked to answer. */
  challengeConfidence: 0.6,
  /** Who is at least this sure has those look again who saw nothing. */
  extremeConfidence: 0.9,
} as const;

type Handoff = NonNullable<Turn['handoff']>;

/** A turn that was just taken, and the debate it was taken in. */
export interface HandoffQuestion {
  readonly turn: Turn;
  /** All before it. */
  readonly spoken: readonly Spoken[];
  readonly debaters: readonly Debater[];
  /** Who is still to speak, by name. */
  readonly queue: readonly string[];
  readonly maxTurns: number;
}

/**
 * Whom the word goes to after a turn: where the speaker asks for somebody, to that one, else by rule to who has to answer it. Only to
 * one who is present, only while everybody can still have a first word within `maxTurns`; each asks at most once a debate, and each is
 * asked at most once. Undefined: to the next in order.
 */
export function chooseHandoff(question: HandoffQuestion): Handoff | undefined {
  const { turn, spoken, queue, maxTurns } = question;
  if (spoken.some((before) => before.turn.agent === turn.agent && before.turn.handoff !== undefined)) return undefined;
  const wanted = turn.handoff ?? byRule(question);
  if (wanted === undefined || !mayBeAsked(wanted.to, question)) return undefined;
  const turns = spoken.length + 1 + new Set([wanted.to, ...queue]).size;
  return turns <= maxTurns ? wanted : undefined;
}

function mayBeAsked(name: string, { turn, spoken, debaters }: HandoffQuestion): boolean {
  return (
    name !== turn.agent &&
    debaters.some(({ agent }) => agent.name === name) &&
    !spoken.some((before) => before.turn.handoff?.to === name)
  );
}

/** By rule only those are asked who spoke without having heard this turn: the others hear it anyway. */
function byRule(question: HandoffQuestion): Handoff | undefined {
  const { turn } = question;
  const last = new Map<string, Spoken>();
  for (const before of question.spoken) last.set(before.turn.agent, before);
  // Who could not speak for itself is not asked again: it would only take the time of the others.
  const heard = [...last.values()]
    .filter(({ turn: word, failure }) => failure === undefined && mayBeAsked(word.agent, question))
    .map(({ turn: word }) => word);
  return disagreement(turn, heard, question) ?? missingEvidence(turn, heard) ?? extreme(turn, heard, question);
}

function disagreement(turn: Turn, heard: readonly Turn[], { debaters }: HandoffQuestion): Handoff | undefined {
  if (turn.direction === 'neutral') return undefined;
  const opponent = surest(heard.filter(({ direction }) => direction !== 'neutral' && direction !== turn.direction));
  if (opponent === undefined || opponent.confidence < handoffDefaults.challengeConfidence) return undefined;
  const own = debaters.find(({ agent }) => agent.name === turn.agent)?.opinion;
  const gaveWay =
    own !== undefined &&
    Math.abs(own.score) < debateDefaults.weakScore &&
    opponent.confidence >= own.confidence + debateDefaults.margin;
  if (gaveWay) return undefined;
  const strongest = opponent.evidence[0];
  const on = strongest === undefined ? '' : ` on ${strongest.feature}`;
  return asks(opponent.agent, 'disagreement', `${turn.agent} reads the opposite of ${opponent.agent}${on}.`);
}

function missingEvidence(turn: Turn, heard: readonly Turn[]): Handoff | undefined {
  if (turn.evidence.length === 0) return undefined;
  const bare = surest(heard.filter(({ direction, evidence }) => direction !== 'neutral' && evidence.length === 0));
  return bare === undefined
    ? undefined
    : asks(
        bare.agent,
        'missing-evidence',
        `${bare.agent} is ${bare.direction} and names no evidence; ${turn.agent} asks what that rests on.`,
      );
}

function extreme(turn: Turn, heard: readonly Turn[], { debaters }: HandoffQuestion): Handoff | undefined {
  if (turn.direction === 'neutral' || turn.confidence < handoffDefaults.extremeConfidence) return undefined;
  const weightOf = (name: string): number => debaters.find(({ agent }) => agent.name === name)?.agent.weight ?? 0;
  const [unmoved] = heard
    .filter(({ direction }) => direction === 'neutral')
    .sort((a, b) => weightOf(b.agent) - weightOf(a.agent));
  return unmoved === undefined
    ? undefined
    : asks(
        unmoved.agent,
        'extreme',
        `${turn.agent} is ${turn.direction} at ${Math.round(turn.confidence * 100)} %; ${unmoved.agent} saw nothing and is asked to look again.`,
      );
}

/** The surest of some words, the earliest of equals. */
function surest(words: readonly Turn[]): Turn | undefined {
  let best: Turn | undefined;
  for (const word of words) if (best === undefined || word.confidence > best.confidence) best = word;
  return best;
}

const asks = (to: string, kind: Handoff['kind'], reason: string): Handoff => ({
  to,
  kind,
  reason: reason.slice(0, 200),
});
