import type { Direction } from '@perpdesk/core';
import { clamp } from '../features/measures.ts';

/** The bound of one component of a score, either way. */
export const componentBound = 25;
/** A score below this, either way, is no direction. */
export const directionThreshold = 20;

/** A score and how much of it could be known. */
export interface Score {
  /** −100 (bearish) to 100 (bullish). */
  readonly score: number;
  /** The share of components whose data was there, in (0, 1]. */
  readonly completeness: number;
}

/** A full score is that of four components at their bounds, whatever number of them an agent has. */
const fullComponents = 4;

/**
 * Adds up components of −25 to 25, rescaled to those that are there: two of four count double, with completeness 0.5; the one
 * component of an agent that has but one counts fourfold. PRODUCT §2. Undefined without any.
 */
export function scoreOf(components: Readonly<Record<string, number>>, all: number): Score | undefined {
  const present = Object.values(components);
  if (present.length === 0) return undefined;
  let sum = 0;
  for (const value of present) sum += clamp(value, -componentBound, componentBound);
  return {
    score: round(clamp((sum * fullComponents) / present.length, -100, 100)),
    completeness: present.length / all,
  };
}

/** A component from a share in [−1, 1] of its full reading; two decimals, so that what is shown adds up. */
const componentOf = (portion: number): number => round(componentBound * clamp(portion, -1, 1));

/** Components from shares of a full reading; those without data (undefined) are left out. */
export function componentsOf(shares: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const components: Record<string, number> = {};
  for (const name in shares) {
    const value = shares[name];
    if (value !== undefined) components[name] = componentOf(value);
  }
  return components;
}

/** The sign of a score of 20 or more either way, else neutral. PRODUCT §2. */
export function directionOf(score: number): Direction {
  if (Math.abs(score) < directionThreshold) return 'neutral';
  return score > 0 ? 'long' : 'short';
}

/**
 * Confidence in [0, 1]. Of a direction, after PRODUCT §2: (0.5 + 0.5·(|score| − 20)/80) × (0.7 + 0.3·completeness). Of neutral, the
 * mirror image: (0.5 + 0.5·(20 − |score|)/20) × the same, from 0.5 at the threshold to 1 at 0: how sure it is of none.
 */
export function confidenceOf({ score, completeness }: Score): number {
  const size = Math.min(Math.abs(score), 100);
  const certainty =
    size >= directionThreshold
      ? 0.5 + (0.5 * (size - directionThreshold)) / (100 - directionThreshold)
      : 0.5 + (0.5 * (directionThreshold - size)) / directionThreshold;
  return certainty * (0.7 + 0.3 * completeness);
}

/** Two decimals are all that a score can mean; also what people are shown, so that both agree at the threshold. */
const round = (value: number): number => Math.round(value * 100) / 100 + 0;
