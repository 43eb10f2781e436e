import type { Evidence, KeyLevel, Opinion, Regime } from '@perpdesk/core';
import type { Features } from '../features/feature-set.ts';
import type { HandoffWish } from '../model/handoff-wish.ts';

/** What an agent read off its data: the features its rules and its model both judge. */
export interface AgentReading {
  readonly features: Features;
  /** Levels computed from structure; none for agents that have no prices of their own. */
  readonly keyLevels: readonly KeyLevel[];
  /** How far, in price, a model may shift a level. */
  readonly levelTolerance: number;
}

/** A judgement of a reading, by rules or by a model. */
export interface Assessment {
  /** −25 to 25 each; only those whose data is there. */
  readonly components: Readonly<Record<string, number>>;
  readonly score: number;
  readonly completeness: number;
  readonly regime?: Regime;
  /** True where a setting holds the view back: it is published as neutral, with its score as it is. */
  readonly withheld?: boolean;
  readonly keyLevels: readonly KeyLevel[];
  /** The features it rests on. */
  readonly evidence: readonly Evidence[];
  readonly reasoning: string;
  readonly details: Opinion['details'];
  /** Whom a model wants to hear again, unchecked. */
  readonly asks?: HandoffWish;
}

/** Why an agent has no opinion. */
export type AbsenceReason = 'insufficient-history' | 'no-data';
/** What is read where there is nothing to judge. */
export interface Absence {
  readonly absent: AbsenceReason;
}

/** Takes the named features as evidence, in this order; absent ones are left out. */
export function evidenceFrom(features: Features, names: readonly string[]): readonly Evidence[] {
  const evidence: Evidence[] = [];
  for (const feature of names) {
    const value = features[feature];
    if (value !== undefined) evidence.push({ feature, value });
  }
  return evidence;
}
