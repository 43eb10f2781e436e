import { brierOf, forecastOf, moveNamedBy } from '@perpdesk/agents';
import type { MarketMove, MoveProbabilities, OpinionScore } from '@perpdesk/core';

/** What somebody says where an agent gave a view: which move is named, and how likely each is said to be. */
export interface Said {
  readonly names: MarketMove;
  readonly probabilities: MoveProbabilities;
}

/** Somebody to be held against the agents: learns from one part of the recording, speaks on another. */
export type Forecaster = (score: OpinionScore) => Said;

const moves = ['up', 'flat', 'down'] as const;

/** How often each move came; one more of each is counted, so that none is impossible. */
export function ratesOf(scores: readonly OpinionScore[]): MoveProbabilities {
  const counts = { up: 1, flat: 1, down: 1 };
  for (const { move } of scores) counts[move] += 1;
  const total = scores.length + moves.length;
  return { up: counts.up / total, flat: counts.flat / total, down: counts.down / total };
}

/** Says each time how often what came, and names the most frequent. */
export function baseRateForecaster(learned: readonly OpinionScore[]): Forecaster {
  const probabilities = ratesOf(learned);
  const names = moves.reduce((most, move) => (probabilities[move] > probabilities[most] ? move : most));
  return () => ({ names, probabilities });
}

/** Names none each time, as sure as none came. By its Brier score it is who says the base rates. */
export function neutralForecaster(learned: readonly OpinionScore[]): Forecaster {
  const probabilities = ratesOf(learned);
  return () => ({ names: 'flat', probabilities });
}

/** Names the move before, as sure as the move before came again. `before` tells it. */
export function lastMoveForecaster(
  learned: readonly OpinionScore[],
  before: (score: OpinionScore) => MarketMove,
): Forecaster {
  const following = new Map<MarketMove, MoveProbabilities>();
  for (const move of moves) following.set(move, ratesOf(learned.filter((score) => before(score) === move)));
  return (score) => {
    const names = before(score);
    return { names, probabilities: following.get(names) ?? ratesOf(learned) };
  };
}

/** The agent itself, as it spoke. */
export const asItSpoke: Forecaster = ({ direction, confidence, baseRates }) => ({
  names: moveNamedBy(direction),
  probabilities: forecastOf(direction, confidence, baseRates),
});

/** So few views of one kind teach nothing: the kind is then judged by its direction alone. */
const leastLearned = 100;

/**
 * The agent taken for what its words turned out to mean: after a direction with a confidence (in tenths) the moves are as likely
 * as they were after such words before. What it scores above the base rates is what it knows, whatever it calls it.
 */
export function recalibrated(learned: readonly OpinionScore[]): Forecaster {
  const base = ratesOf(learned);
  const kindOf = ({ direction, confidence }: OpinionScore): string => `${direction}|${Math.floor(confidence * 10)}`;
  const byKind = Map.groupBy(learned, kindOf);
  const byDirection = Map.groupBy(learned, ({ direction }) => direction);
  const known = new Map<string, MoveProbabilities>();
  for (const [kind, scores] of byKind) if (scores.length >= leastLearned) known.set(kind, ratesOf(scores));
  for (const [direction, scores] of byDirection) {
    if (scores.length >= leastLearned) known.set(direction, ratesOf(scores));
  }
  return (score) => ({
    names: moveNamedBy(score.direction),
    probabilities: known.get(kindOf(score)) ?? known.get(score.direction) ?? base,
  });
}

/** The error of what was said. */
export const errorOf = (said: Said, { move }: OpinionScore): number => brierOf(said.probabilities, move);
