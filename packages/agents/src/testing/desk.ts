import {
  type Candle,
  type Clock,
  type DomainEvent,
  type DomainEventType,
  type InstrumentId,
  MemoryEventBus,
  SeededRandom,
  SortableIdGenerator,
  type Timeframe,
  timeframeMs,
} from '@perpdesk/core';

/** A bus on a clock, with ids of a seed. */
export const exampleBus = (clock: Clock): MemoryEventBus =>
  new MemoryEventBus({ clock, ids: new SortableIdGenerator({ clock, random: new SeededRandom('bus') }) });

/** The close of a bar at `closeAtMs`. */
export function closedCandle(instrumentId: InstrumentId, timeframe: Timeframe, closeAtMs: number): Candle {
  const openAtMs = closeAtMs - timeframeMs(timeframe);
  return { instrumentId, timeframe, openAtMs, open: 1, high: 1, low: 1, close: 1, volume: 1 };
}

/** Publishes a close as market data does. */
export const publishClose = (bus: MemoryEventBus, candle: Candle): Promise<DomainEvent<'candle.closed'>> =>
  bus.publish({ type: 'candle.closed', key: `${candle.instrumentId}:${candle.timeframe}`, payload: candle });

/** What was published of these types, oldest first. */
export async function published<Type extends DomainEventType>(
  bus: MemoryEventBus,
  ...types: readonly Type[]
): Promise<readonly DomainEvent<Type>[]> {
  const stored = await bus.read({ types });
  return stored
    .map(({ event }) => event)
    .filter((event): event is DomainEvent<Type> => types.some((type) => type === event.type));
}
