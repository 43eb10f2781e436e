import type { EventQuery, StoredEvent } from '../ports/event-bus.ts';

/** How many events `read` gives without a limit. */
export const defaultReadLimit = 1_000;

/** True for an event that a query asks for, its position and limit apart. */
export function matchesQuery({ event }: StoredEvent, query: EventQuery): boolean {
  return (
    (query.types === undefined || query.types.includes(event.type)) &&
    (query.key === undefined || query.key === event.key) &&
    (query.userId === undefined || query.userId === event.userId) &&
    (query.traceId === undefined || query.traceId === event.traceId)
  );
}
