import type { DecisionRecordKind } from '@perpdesk/core';

/** The subject of what belongs to a round: the id of the event that comes of it. */
export function subjectOf(
  kind: Extract<DecisionRecordKind, 'turn' | 'plan' | 'round'>,
  key: string,
  index = 0,
): string {
  switch (kind) {
    case 'turn':
      return `turn.completed:${key}:${index}`;
    case 'plan':
      return `recommendation:${key}`;
    case 'round':
      return `round.concluded:${key}`;
  }
}
