import type { EventQuery, StoredEvent } from '../ports/event-bus.ts';

/** How many forgotten events may lie before the held ones until they are cut off. */
const longestLead = 1_024;

/** A place among the events of one type; `at` is undefined beyond the last. */
export interface TypeCursor {
  readonly at: StoredEvent | undefined;
  step(): void;
}

/** The held events of one type, oldest first: a reader of a rare type need not pass all others. */
export class TypedEvents {
  #events: (StoredEvent | undefined)[] = [];
  #first = 0;

  append(stored: StoredEvent): void {
    this.#events.push(stored);
  }

  forgetOldest(): void {
    this.#events[this.#first] = undefined;
    this.#first += 1;
    if (this.#first < longestLead || this.#first * 2 < this.#events.length) return;
    this.#events = this.#events.slice(this.#first);
    this.#first = 0;
  }

  /** From the oldest at or after a position on, or from the newest down to it. Not for use across an append. */
  cursor(fromPosition: number, order: EventQuery['order']): TypeCursor {
    const events = this.#events;
    const lowest = this.#indexOf(fromPosition);
    const by = order === 'descending' ? -1 : 1;
    let index = order === 'descending' ? events.length - 1 : lowest;
    return {
      get at() {
        return index >= lowest ? events[index] : undefined;
      },
      step: () => {
        index += by;
      },
    };
  }

  /** The index of the first event at or after a position. */
  #indexOf(position: number): number {
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
