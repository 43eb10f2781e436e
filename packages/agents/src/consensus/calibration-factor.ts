import type { TrackRecord } from '@perpdesk/core';

/** Opinions at which a record counts half: below it the factor is drawn towards 1. */
const shrinkage = 50;
const lowest = 0.5;
const highest = 1.5;

/**
 * What an agent's weight is multiplied by for its record: clamp(1 + skill · n / (n + 50), 0.5, 1.5), with the Brier skill
 * score out of sample and n scored opinions; 1 without a record. Empirical-Bayes shrinkage towards no skill.
 */
export function calibrationFactor(record: TrackRecord | undefined): number {
  if (record === undefined) return 1;
  return Math.min(highest, Math.max(lowest, 1 + (record.skill * record.scored) / (record.scored + shrinkage)));
}
