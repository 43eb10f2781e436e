import type { DomainEventMap, DomainEventType } from './event-map.ts';

/** A domain event as it travels and is kept. */
export type DomainEvent<Type extends DomainEventType = DomainEventType> = Type extends DomainEventType
  ? {
      /** Unique; a second event of the same id is dropped. */
      readonly id: string;
      readonly type: Type;
      /** The payload's schema version of its type. */
      readonly version: 1;
      readonly atMs: number;
      /** Events of one key are delivered in the order they were published. */
      readonly key: string;
      readonly userId?: string;
      /** Born with the candle or command, follows it to the fill. */
      readonly traceId: string;
      /** The event that led here. */
      readonly causationId?: string;
      readonly payload: DomainEventMap[Type];
    }
  : never;

/** What a publisher gives; the bus adds id (unless derived by the publisher), version and time. */
export type NewDomainEvent<Type extends DomainEventType = DomainEventType> = Type extends DomainEventType
  ? {
      readonly id?: string;
      readonly type: Type;
      readonly key: string;
      readonly userId?: string;
      /** Default: a new trace. */
      readonly traceId?: string;
      readonly causationId?: string;
      readonly payload: DomainEventMap[Type];
    }
  : never;

/** The trace of an event and the event as the cause: what a handler spreads into what it publishes. */
export const causedBy = (event: {
  readonly id: string;
  readonly traceId: string;
}): { readonly traceId: string; readonly causationId: string } => ({
  traceId: event.traceId,
  causationId: event.id,
});
