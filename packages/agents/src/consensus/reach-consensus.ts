import type { Consensus, Direction, StandAsideReason } from '@perpdesk/core';

/** One seat of the debate: who sits there, how much the word weighs, and the final word, if there is one. */
export interface Seat {
  readonly agent: string;
  /** Before calibration; PRODUCT's defaults are Vanta 0.40, Luma 0.35, Meridian 0.25. */
  readonly weight: number;
  /** See `calibrationFactor`. Default 1. */
  readonly factor?: number;
  /** Undefined: the agent is missing. */
  readonly vote?: { readonly direction: Direction; readonly confidence: number; readonly stale: boolean };
}

/** The numbers of the consensus. */
export interface ConsensusRules {
  readonly penaltyPerMissing: number;
  readonly penaltyPerStale: number;
  /** What full disagreement takes off. */
  readonly disagreementPenalty: number;
  readonly maxDisagreement: number;
  readonly minPresent: number;
  readonly minWinningVotes: number;
  readonly minConfidence: number;
  /** From here on, with nobody on the other side, the devil's advocate is heard. */
  readonly strongConfidence: number;
  /** What the strongest case of the devil's advocate takes off; never below `strongConfidence`. */
  readonly challengePenalty: number;
}

/** What the devil's advocate said. */
export type Challenge = NonNullable<Consensus['challenge']>;

/** PRODUCT §2, "Consensus maths"; the last two of decision 0021. */
export const consensusRules: ConsensusRules = {
  penaltyPerMissing: 0.15,
  penaltyPerStale: 0.1,
  disagreementPenalty: 0.5,
  maxDisagreement: 0.4,
  minPresent: 2,
  minWinningVotes: 2,
  minConfidence: 0.6,
  strongConfidence: 0.75,
  challengePenalty: 0.1,
};

/** Float error that must not turn a bound that is met into one that is missed. */
export const rounding = 1e-12;

/**
 * Weighs the final words of a debate. Neutral abstains. With L and S the sums of weight · factor · confidence of the longs
 * and shorts: base is the weighted mean confidence of the larger side, d = min(L, S) / (L + S), and the result
 * base × (1 − 0.15 · missing) × (1 − 0.10 · stale) × (1 − 0.5 · d). `standAside` is set, and the direction neutral, when
 * fewer than two are present, the sides tie, d > 0.40, fewer than two votes win, or the result is below 0.6.
 * Confidences must lie in [0, 1] and weights be positive; the order of the seats does not matter to the result.
 *
 * A `challenge` of strength c in [0, 1] takes 0.10 · c of a strong consensus off, but leaves it strong: it is never below 0.75 for it. It
 * changes nothing of a consensus that is not strong ({@link isStrong}).
 */
export function reachConsensus(
  seats: readonly Seat[],
  rules: ConsensusRules = consensusRules,
  challenge?: Challenge,
): Consensus {
  const votes = seats.flatMap(({ agent, weight, factor = 1, vote }) =>
    vote === undefined ? [] : [{ agent, direction: vote.direction, confidence: vote.confidence, weight, factor }],
  );
  const missing = seats.filter((seat) => seat.vote === undefined).map((seat) => seat.agent);
  const stale = seats.filter((seat) => seat.vote?.stale === true).map((seat) => seat.agent);

  const long = side(votes, 'long');
  const short = side(votes, 'short');
  const total = long.strength + short.strength;
  const winner = long.strength >= short.strength ? long : short;
  const base = winner.weight === 0 ? 0 : winner.strength / winner.weight;
  const disagreement = total === 0 ? 0 : Math.min(long.strength, short.strength) / total;
  const confidence = clamp01(
    base *
      (1 - rules.penaltyPerMissing * missing.length) *
      (1 - rules.penaltyPerStale * stale.length) *
      (1 - rules.disagreementPenalty * disagreement),
  );

  const reason = ((): StandAsideReason | undefined => {
    if (votes.length < rules.minPresent) return 'too-few-agents';
    if (total > 0 && Math.abs(long.strength - short.strength) <= rounding) return 'tie';
    if (disagreement > rules.maxDisagreement + rounding) return 'disagreement';
    if (winner.count < rules.minWinningVotes) return 'too-few-votes';
    return confidence < rules.minConfidence - rounding ? 'low-confidence' : undefined;
  })();

  const consensus: Consensus = {
    direction: reason === undefined ? (winner === long ? 'long' : 'short') : 'neutral',
    base,
    disagreement,
    confidence,
    missing,
    stale,
    votes,
    ...(reason === undefined ? {} : { standAside: reason }),
  };
  return challenge === undefined || !isStrong(consensus, rules)
    ? consensus
    : { ...consensus, confidence: challenged(confidence, challenge.strength, rules), challenge };
}

/** True where a consensus stands, nobody votes against it and it is as sure as `strongConfidence`. */
export function isStrong(consensus: Consensus, rules: ConsensusRules = consensusRules): boolean {
  return (
    consensus.standAside === undefined &&
    consensus.disagreement === 0 &&
    consensus.confidence >= rules.strongConfidence - rounding
  );
}

function challenged(confidence: number, strength: number, rules: ConsensusRules): number {
  const lowered = confidence * (1 - rules.challengePenalty * clamp01(strength));
  return Math.min(confidence, Math.max(rules.strongConfidence, lowered));
}

function side(votes: Consensus['votes'], direction: Direction): { strength: number; weight: number; count: number } {
  const result = { strength: 0, weight: 0, count: 0 };
  for (const vote of votes) {
    if (vote.direction !== direction) continue;
    result.strength += vote.weight * vote.factor * vote.confidence;
    result.weight += vote.weight * vote.factor;
    result.count += 1;
  }
  return result;
}

const clamp01 = (value: number): number => Math.min(1, Math.max(0, value));
