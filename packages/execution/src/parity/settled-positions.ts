import type { DomainEvent, Position } from '@perpdesk/core';

/**
 * A journal in which a position is told once an instant, as it stood after all that happened to it then. One venue tells a
 * position after each of several fills, another is asked for it after the last.
 */
export function settledPositions(journal: Iterable<DomainEvent>): readonly DomainEvent[] {
  const settled: (DomainEvent | undefined)[] = [];
  /** Where the last word on each open position stands. */
  const last = new Map<string, number>();
  for (const event of journal) {
    if (event.type === 'position.closed') last.delete(placeOf(event.payload.position));
    if (event.type !== 'position.opened' && event.type !== 'position.changed') {
      settled.push(event);
      continue;
    }
    const place = placeOf(event.payload);
    const index = last.get(place);
    const before = index === undefined ? undefined : settled[index];
    last.set(place, settled.length);
    const isSame = event.type === 'position.changed' && index !== undefined && before?.atMs === event.atMs;
    if (isSame) settled[index] = undefined;
    // What was opened and changed at one instant was opened so.
    settled.push(isSame && before?.type === 'position.opened' ? { ...before, payload: event.payload } : event);
  }
  return settled.filter((event) => event !== undefined);
}

const placeOf = ({ userId, venue, instrumentId }: Position): string => `${userId} ${venue} ${instrumentId}`;
