import type { DomainEvent, NewDomainEvent } from '../events/envelope.ts';
import type { DomainEventType } from '../events/event-map.ts';
import type { DatabaseTransaction } from './database-transaction.ts';

/** Ends a subscription; calling it twice does nothing more. */
export type Unsubscribe = () => void;

/** An event with its place in the journal: increasing, with holes allowed. */
export interface StoredEvent<Type extends DomainEventType = DomainEventType> {
  readonly position: number;
  readonly event: DomainEvent<Type>;
}

/** An event that a group gave up on. */
export interface DeadLetter {
  readonly group: string;
  readonly event: DomainEvent;
  readonly attempts: number;
  readonly error: string;
  readonly atMs: number;
}

export interface Subscription<Type extends DomainEventType> {
  /** Consumers of one group share its cursor, which outlives the process where the bus is durable. */
  readonly group: string;
  readonly types: readonly Type[];
  /** Where a group that has no cursor begins: at the first event, at the next (default), or after a position. */
  readonly from?: 'start' | 'now' | number;
}

export interface EventQuery {
  readonly types?: readonly DomainEventType[];
  readonly key?: string;
  readonly userId?: string;
  readonly traceId?: string;
  /** Only events after this position. Default 0: all. */
  readonly afterPosition?: number;
  /** `ascending` (default) or newest first. */
  readonly order?: 'ascending' | 'descending';
  /** Default 1,000. */
  readonly limit?: number;
}

/**
 * Domain events: at least once, in order per key, de-duplicated by id, kept for replay. A handler that throws is retried
 * with growing pauses, its key waiting, then the event becomes a dead letter and `listener.failed`; other keys and groups
 * go on. Handlers must therefore be idempotent.
 */
export interface EventBus {
  /**
   * Accepts an event. Resolves with it once it is kept (with `transaction`: once the row is written in it; the event goes
   * out after the commit), not when it was handled. A repeated id resolves with the event and is not delivered again.
   * @throws StoreError when it can not be kept.
   * @throws ValidationError `event.unsafe` when the payload is no JSON, `transaction.foreign` for one of another database.
   */
  publish<Type extends DomainEventType>(
    event: NewDomainEvent<Type>,
    options?: { readonly transaction?: DatabaseTransaction; readonly signal?: AbortSignal },
  ): Promise<DomainEvent<Type>>;
  /**
   * Delivers to `handler`, one event of a key at a time, keys side by side, from the group's cursor on. A group takes a type
   * once: with one handler.
   * @throws ValidationError `subscription.duplicate`, `subscription.empty`
   */
  subscribe<Type extends DomainEventType>(
    subscription: Subscription<Type>,
    handler: (event: DomainEvent<Type>) => Promise<void> | void,
  ): Unsubscribe;
  /** Reads the journal. @throws StoreError */
  read(query: EventQuery, options?: { readonly signal?: AbortSignal }): Promise<readonly StoredEvent[]>;
  /** What was given up on, newest first. @throws StoreError */
  deadLetters(options?: { readonly signal?: AbortSignal }): Promise<readonly DeadLetter[]>;
  /**
   * Hands a dead letter to its group once more, behind what waits of its key; it stays one until it is handled.
   * @throws ValidationError `dead-letter.unknown`, or `dead-letter.no-consumer` when the group takes the type no more.
   * @throws StoreError
   */
  redeliver(group: string, eventId: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
}
