import type { DomainEventType } from '../events/event-map.ts';
import type { StoredEvent } from '../ports/event-bus.ts';

/** Where a consumer begins, which may differ by type: a type that a group adds later begins later. */
export class StartPositions {
  readonly types: readonly DomainEventType[];
  readonly #after: ReadonlyMap<DomainEventType, number>;
  readonly #latest: number;

  /** `startOf` gives the position after which a type begins. */
  constructor(types: readonly DomainEventType[], startOf: (type: DomainEventType) => number) {
    this.types = [...new Set(types)];
    this.#after = new Map(this.types.map((type) => [type, startOf(type)]));
    this.#latest = Math.max(...this.#after.values());
  }

  /** The position after which the earliest type begins. */
  get earliest(): number {
    return Math.min(...this.#after.values());
  }

  of(type: DomainEventType): number {
    return this.#after.get(type) ?? 0;
  }

  /** True for an event of a type of its own that lies behind the type's beginning. */
  includes(stored: StoredEvent): boolean {
    const after = this.#after.get(stored.event.type);
    return after !== undefined && (stored.position > this.#latest || stored.position > after);
  }
}
