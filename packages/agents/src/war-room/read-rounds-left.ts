import type { DomainEvent, EventBus, MarketId } from '@perpdesk/core';

/** What the journal tells of rounds. */
export interface RoundsLeft {
  /** Rounds that were opened and never concluded, oldest first. */
  readonly unfinished: readonly DomainEvent<'round.opened'>[];
  /** The close of each market's last round. */
  readonly begunAtMs: ReadonlyMap<MarketId, number>;
}

/** How far back it looks: two events a round, so the last half of it in rounds. */
const newest = 2_000;

/** Reads which rounds an earlier process left open. @throws StoreError */
export async function readRoundsLeft(eventBus: EventBus): Promise<RoundsLeft> {
  const events = await eventBus.read({
    types: ['round.opened', 'round.concluded'],
    order: 'descending',
    limit: newest,
  });
  const unfinished = new Map<string, DomainEvent<'round.opened'>>();
  const begunAtMs = new Map<MarketId, number>();
  for (const { event } of [...events].reverse()) {
    if (event.type === 'round.opened') {
      const { key, market, closeAtMs } = event.payload;
      unfinished.set(key, event as DomainEvent<'round.opened'>);
      begunAtMs.set(market, Math.max(begunAtMs.get(market) ?? closeAtMs, closeAtMs));
    } else if (event.type === 'round.concluded') {
      unfinished.delete(event.payload.round.key);
    }
  }
  return { unfinished: [...unfinished.values()], begunAtMs };
}
