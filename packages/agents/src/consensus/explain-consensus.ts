import type { Consensus, Direction, StandAsideReason } from '@perpdesk/core';
import { type ConsensusRules, consensusRules, rounding } from './reach-consensus.ts';

/** One step of the account: what it is, the number it comes to, and a sentence with the sum written out. */
export interface ConsensusLine {
  readonly kind:
    | 'vote'
    | 'missing'
    | 'stale'
    | 'side'
    | 'base'
    | 'disagreement'
    | 'penalty'
    | 'challenge'
    | 'confidence'
    | 'bound'
    | 'decision';
  /** Whom or what it is about: an agent, a side, a penalty, a bound. */
  readonly subject: string;
  /** The number: of a vote and a side its strength, of a penalty its factor, of a bound what was measured against it. */
  readonly value?: number;
  /** Of a bound: whether it is met. */
  readonly met?: boolean;
  readonly text: string;
}

/** How a consensus came about. */
export interface ConsensusAccount {
  readonly lines: readonly ConsensusLine[];
  /** The lines, one under the other. */
  readonly text: string;
}

const reasons: Readonly<Record<StandAsideReason, string>> = {
  'insufficient-history': 'there is not enough history',
  'too-few-agents': 'too few agents are present',
  'too-few-votes': 'too few votes are on the winning side',
  tie: 'the sides tie',
  disagreement: 'the sides disagree too much',
  'low-confidence': 'the confidence is too low',
  geometry: 'stop, entry and target do not lie in order',
  basis: 'the venues are too far apart',
  'stale-market-data': 'prices are stale',
  'catalyst-pause': 'a catalyst is near',
  deadline: 'time ran out',
};

/**
 * Tells how a consensus came about, step by step with every sum written out: the votes with weight, calibration factor and
 * strength, who is missing or stale, both sides, base, disagreement, each penalty, the devil's advocate, the result, each bound and
 * the decision. Reckoned anew from the votes with `rules`, which must be those it was reached by. `reason` is why the round stood aside
 * where that is not of the maths, such as `geometry`.
 *
 * @example
 * ```ts
 * explainConsensus(outcome.consensus).text.split('\n').at(-1);
 * // 'Long at 0.7075: every bound is met.'
 * ```
 */
export function explainConsensus(
  consensus: Consensus,
  {
    rules = consensusRules,
    reason = consensus.standAside,
  }: { readonly rules?: ConsensusRules; readonly reason?: StandAsideReason } = {},
): ConsensusAccount {
  const sides = [sideOf(consensus, 'long'), sideOf(consensus, 'short')] as const;
  const lines = [
    ...voteLines(consensus),
    ...sides.map(sideLine),
    ...resultLines(consensus, sides, rules),
    ...boundLines(consensus, sides, rules),
    decisionLine(consensus, reason),
  ];
  return { lines, text: lines.map((line) => line.text).join('\n') };
}

interface Side {
  readonly direction: 'long' | 'short';
  readonly votes: Consensus['votes'];
  /** Σ weight · factor · confidence. */
  readonly strength: number;
  /** Σ weight · factor. */
  readonly weight: number;
}

function sideOf(consensus: Consensus, direction: Side['direction']): Side {
  const votes = consensus.votes.filter((vote) => vote.direction === direction);
  return {
    direction,
    votes,
    strength: sum(votes.map(({ weight, factor, confidence }) => weight * factor * confidence)),
    weight: sum(votes.map(({ weight, factor }) => weight * factor)),
  };
}

function voteLines({ votes, missing, stale }: Consensus): readonly ConsensusLine[] {
  return [
    ...votes.map(({ agent, direction, confidence, weight, factor }): ConsensusLine => {
      const value = direction === 'neutral' ? 0 : weight * factor * confidence;
      const product = `weight ${show(weight)} × factor ${show(factor)} × confidence ${show(confidence)} = ${show(value)}`;
      const text =
        direction === 'neutral'
          ? `${agent} is neutral at ${show(confidence)} and abstains.`
          : `${agent} is ${direction}: ${product}.`;
      return { kind: 'vote', subject: agent, value, text };
    }),
    ...missing.map((agent): ConsensusLine => ({ kind: 'missing', subject: agent, text: `${agent} is missing.` })),
    ...stale.map((agent): ConsensusLine => ({ kind: 'stale', subject: agent, text: `${agent} is stale.` })),
  ];
}

function sideLine({ direction, votes, strength }: Side): ConsensusLine {
  const text = `${capital(direction)}: ${count(votes.length, 'vote')}, strength ${show(strength)}.`;
  return { kind: 'side', subject: direction, value: strength, text };
}

function resultLines(
  { base, disagreement, confidence, missing, stale, challenge }: Consensus,
  [long, short]: readonly [Side, Side],
  rules: ConsensusRules,
): readonly ConsensusLine[] {
  const winner = long.strength >= short.strength ? long : short;
  const total = long.strength + short.strength;
  const penalties = [
    ['missing', rules.penaltyPerMissing, missing.length],
    ['stale', rules.penaltyPerStale, stale.length],
    ['disagreement', rules.disagreementPenalty, disagreement],
  ] as const;
  const factors = penalties.map(([, each, times]) => 1 - each * times);
  const unchallenged = Math.min(
    1,
    Math.max(
      0,
      factors.reduce((product, factor) => product * factor, base),
    ),
  );
  return [
    {
      kind: 'base',
      subject: winner.direction,
      value: base,
      text:
        total === 0
          ? 'Base: 0, nobody takes a side.'
          : `Base, the ${winner.direction} side's mean confidence: ${show(winner.strength)} / ${show(winner.weight)} = ${show(base)}.`,
    },
    {
      kind: 'disagreement',
      subject: 'disagreement',
      value: disagreement,
      text:
        total === 0
          ? 'Disagreement: 0, nobody takes a side.'
          : `Disagreement: ${show(Math.min(long.strength, short.strength))} / ${show(total)} = ${show(disagreement)}.`,
    },
    ...penalties.map(([subject, each, times], index): ConsensusLine => {
      const value = factors[index] ?? 1;
      return {
        kind: 'penalty',
        subject,
        value,
        text: `Times 1 − ${show(each)} × ${show(times)} (${subject}) = ${show(value)}.`,
      };
    }),
    ...(challenge === undefined
      ? []
      : [
          {
            kind: 'challenge',
            subject: challenge.agent,
            value: challenge.strength,
            text: `The devil's advocate ${challenge.agent} makes a case of strength ${show(challenge.strength)}: ${show(unchallenged)} × (1 − ${show(rules.challengePenalty)} × ${show(challenge.strength)}), not below ${show(rules.strongConfidence)}.`,
          } satisfies ConsensusLine,
        ]),
    {
      kind: 'confidence',
      subject: 'confidence',
      value: confidence,
      text: `Confidence: ${[show(base), ...factors.map(show)].join(' × ')}${challenge === undefined ? '' : ', challenged,'} = ${show(confidence)}.`,
    },
  ];
}

function boundLines(
  { votes, disagreement, confidence }: Consensus,
  [long, short]: readonly [Side, Side],
  rules: ConsensusRules,
): readonly ConsensusLine[] {
  const winner = long.strength >= short.strength ? long : short;
  const apart = Math.abs(long.strength - short.strength);
  const bound = (subject: StandAsideReason, value: number, met: boolean, asked: string): ConsensusLine => ({
    kind: 'bound',
    subject,
    value,
    met,
    text: `${asked}: ${show(value)}, ${met ? 'met' : 'not met'}.`,
  });
  const { minPresent, maxDisagreement, minWinningVotes, minConfidence } = rules;
  return [
    bound('too-few-agents', votes.length, votes.length >= minPresent, `At least ${minPresent} agents present`),
    bound('tie', apart, long.strength + short.strength === 0 || apart > rounding, 'The sides apart'),
    bound(
      'disagreement',
      disagreement,
      disagreement <= maxDisagreement + rounding,
      `Disagreement at most ${show(maxDisagreement)}`,
    ),
    bound(
      'too-few-votes',
      winner.votes.length,
      winner.votes.length >= minWinningVotes,
      `At least ${minWinningVotes} votes on the winning side`,
    ),
    bound(
      'low-confidence',
      confidence,
      confidence >= minConfidence - rounding,
      `Confidence at least ${show(minConfidence)}`,
    ),
  ];
}

function decisionLine({ direction, confidence }: Consensus, reason: StandAsideReason | undefined): ConsensusLine {
  return reason === undefined
    ? {
        kind: 'decision',
        subject: direction,
        value: confidence,
        text: `${capital(direction)} at ${show(confidence)}: every bound is met.`,
      }
    : { kind: 'decision', subject: reason, text: `Stands aside: ${reasons[reason]}.` };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const capital = (word: Direction): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
/** Six decimals at most, without trailing zeros. */
const show = (value: number): string => String(Math.round(value * 1e6) / 1e6);
