import type { EventBus, Signal, StoredEvent } from '@perpdesk/core';

/** How many closings are read at first: mostly few came since a signal did. */
const few = 20;
const most = 200;
/** How far the clocks of processes may be apart. */
const clockMarginMs = 3_600_000;

/** The closings of a signal's user, newest first, back to where none can be of the signal any more; 200 at most. @throws StoreError */
export async function closedSince(
  eventBus: Pick<EventBus, 'read'>,
  { createdAtMs, userId }: Pick<Signal, 'createdAtMs' | 'userId'>,
): Promise<readonly StoredEvent[]> {
  const query = { types: ['position.closed'], userId, order: 'descending' } as const;
  const newest = await eventBus.read({ ...query, limit: few });
  const oldest = newest.at(-1);
  const isWhole = oldest === undefined || newest.length < few || oldest.event.atMs < createdAtMs - clockMarginMs;
  return isWhole ? newest : eventBus.read({ ...query, limit: most });
}
