import { type Recommendation, type Rejection, type RejectionCode, recommendationSchema } from '@perpdesk/core';
import { refusal, valueAt } from '../decision/refusal.ts';
import { geometryRefused } from './geometry.ts';

/** Riven publishes from this confidence on; Brix takes nothing below it from anybody. */
export const minimumConfidence = 0.6;

/** Refuses a plan that is malformed, too old, not convinced or no plan at all. Says nothing of any user. */
export function planRefused(recommendation: Recommendation, atMs: number): Rejection | undefined {
  const parsed = recommendationSchema.safeParse(recommendation);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.join('.') ?? '';
    const name = path === '' ? 'content' : path;
    return refusal(
      codeOf(path),
      `The recommendation's ${name} is not usable.`,
      issue?.message ?? 'valid',
      valueAt(recommendation, issue?.path ?? []),
    );
  }
  const { confidence, expiresAtMs } = parsed.data;
  if (confidence < minimumConfidence) {
    return refusal(
      'confidence.low',
      `Confidence must be at least ${minimumConfidence}.`,
      minimumConfidence,
      confidence,
    );
  }
  if (expiresAtMs <= atMs)
    return refusal('recommendation.expired', 'The recommendation is too old.', expiresAtMs, atMs);
  return geometryRefused(parsed.data);
}

function codeOf(path: string): RejectionCode {
  if (path === 'confidence') return 'confidence.low';
  return /^(entry|stopLoss|takeProfits)/.test(path) ? 'geometry.invalid' : 'recommendation.invalid';
}
