import type { DomainEvent } from '../events/envelope.ts';
import type { DomainEventType } from '../events/event-map.ts';
import type { EventQuery, StoredEvent } from '../ports/event-bus.ts';
import { defaultReadLimit, matchesQuery } from './event-query.ts';
import { type TypeCursor, TypedEvents } from './typed-events.ts';

/** The newest events of a process, as many as it may hold. Positions count from 1. */
export class MemoryJournal {
  readonly #capacity: number;
  /** A ring once it is full: position p lies at (p − 1) modulo the capacity. */
  readonly #events: StoredEvent[] = [];
  readonly #byId = new Map<string, StoredEvent>();
  readonly #byType = new Map<DomainEventType, TypedEvents>();
  #last = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The position of the newest event, 0 without one. */
  get last(): number {
    return this.#last;
  }

  get(id: string): StoredEvent | undefined {
    return this.#byId.get(id);
  }

  append(event: DomainEvent): StoredEvent {
    const stored = { position: this.#last + 1, event };
    const slot = this.#last % this.#capacity;
    const forgotten = this.#events[slot];
    if (forgotten !== undefined) {
      this.#byId.delete(forgotten.event.id);
      this.#byType.get(forgotten.event.type)?.forgetOldest();
    }
    this.#events[slot] = stored;
    this.#byId.set(event.id, stored);
    this.#ofType(event.type).append(stored);
    this.#last = stored.position;
    return stored;
  }

  /** Events after a position that are still held, oldest first; what is appended meanwhile comes too. */
  *after(position: number): Iterable<StoredEvent> {
    for (let next = Math.max(position + 1, this.#first()); next <= this.#last; next += 1) {
      const stored = this.#at(next);
      if (stored !== undefined) yield stored;
    }
  }

  read(query: EventQuery): readonly StoredEvent[] {
    const limit = query.limit ?? defaultReadLimit;
    const from = Math.max((query.afterPosition ?? 0) + 1, this.#first());
    const found: StoredEvent[] = [];
    if (query.types !== undefined) {
      for (const stored of this.#typed(query.types, from, query.order)) {
        if (found.length >= limit) break;
        if (matchesQuery(stored, query)) found.push(stored);
      }
      return found;
    }
    const consider = (position: number): void => {
      const stored = this.#at(position);
      if (stored !== undefined && matchesQuery(stored, query)) found.push(stored);
    };
    if (query.order === 'descending')
      for (let next = this.#last; next >= from && found.length < limit; next -= 1) consider(next);
    else for (let next = from; next <= this.#last && found.length < limit; next += 1) consider(next);
    return found;
  }

  /** Events of these types from a position on, in either order. */
  *#typed(
    types: readonly DomainEventType[],
    from: number,
    order: EventQuery['order'] = 'ascending',
  ): Generator<StoredEvent> {
    const cursors = [...new Set(types)].flatMap((type) => this.#byType.get(type)?.cursor(from, order) ?? []);
    const isBefore = (a: StoredEvent, b: StoredEvent): boolean =>
      order === 'descending' ? a.position > b.position : a.position < b.position;
    for (;;) {
      let next: TypeCursor | undefined;
      for (const cursor of cursors)
        if (cursor.at !== undefined && (next?.at === undefined || isBefore(cursor.at, next.at))) next = cursor;
      if (next?.at === undefined) return;
      yield next.at;
      next.step();
    }
  }

  #ofType(type: DomainEventType): TypedEvents {
    const known = this.#byType.get(type);
    if (known !== undefined) return known;
    const events = new TypedEvents();
    this.#byType.set(type, events);
    return events;
  }

  #first(): number {
    return Math.max(1, this.#last - this.#capacity + 1);
  }

  #at(position: number): StoredEvent | undefined {
    return this.#events[(position - 1) % this.#capacity];
  }
}
