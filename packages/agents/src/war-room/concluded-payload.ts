import type { DomainEventMap, Round, RoundCost } from '@perpdesk/core';
import type { RoundOutcome } from './round-outcome.ts';

/** How the end of a round is told. */
export function concludedPayload(
  round: Round,
  outcome: RoundOutcome,
  cost?: RoundCost,
): DomainEventMap['round.concluded'] {
  const { consensus, degraded } = outcome;
  return {
    round,
    ...(outcome.outcome === 'published'
      ? { outcome: 'published', recommendationId: outcome.recommendation.id }
      : { outcome: 'stood-aside', reason: outcome.reason }),
    ...(consensus === undefined ? {} : { consensus }),
    ...(degraded.length === 0 ? {} : { degraded }),
    ...(cost === undefined ? {} : { cost }),
  };
}
