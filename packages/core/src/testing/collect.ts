import type { DomainEvent } from '../events/envelope.ts';
import type { DomainEventType } from '../events/event-map.ts';
import type { EventBus, Subscription } from '../ports/event-bus.ts';

/** What {@link collect} gives: it fills as events are delivered. */
export interface Collected<Type extends DomainEventType> {
  readonly events: readonly DomainEvent<Type>[];
  /** Takes no more. */
  stop(): void;
}

/**
 * Gathers the events of some types as they are delivered.
 * @example
 * const opinions = collect(bus, ['opinion.published']);
 * await clock.idle();
 * opinions.events.map((event) => event.payload.agent);
 */
export function collect<Type extends DomainEventType>(
  bus: EventBus,
  types: readonly Type[],
  options: Omit<Subscription<Type>, 'types' | 'group'> & { readonly group?: string } = {},
): Collected<Type> {
  const events: DomainEvent<Type>[] = [];
  const stop = bus.subscribe({ group: `collect:${types.join('+')}`, ...options, types }, (event) => {
    events.push(event);
  });
  return { events, stop };
}
