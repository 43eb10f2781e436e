import type { InstrumentId, OpenInterest } from '@perpdesk/core';

const minuteMs = 60_000;
const fields = 4;

/**
 * Open interest of one instrument, the last word of each minute, in columns made once: venues tell it every few seconds, and what
 * is read of it is its course over hours. Its memory does not grow while it fills.
 */
export class OpenInterestTrack {
  readonly #instrumentId: InstrumentId;
  readonly #capacity: number;
  /** Rows of size, value in dollars, the venue's instant and ours. */
  readonly #rows: Float64Array;
  #length = 0;
  #next = 0;

  constructor(instrumentId: InstrumentId, capacity: number) {
    this.#instrumentId = instrumentId;
    this.#capacity = Math.max(1, Math.floor(capacity));
    this.#rows = new Float64Array(this.#capacity * fields);
  }

  /** Takes a newer value; one that is not newer than the last is passed over. */
  add({ size, notionalUsd, exchangeAtMs, receivedAtMs }: OpenInterest): void {
    const last = this.#length === 0 ? Number.NEGATIVE_INFINITY : (this.#rows[this.#at(0) + 2] ?? 0);
    if (exchangeAtMs <= last) return;
    if (Math.floor(exchangeAtMs / minuteMs) !== Math.floor(last / minuteMs)) {
      this.#next = (this.#next + 1) % this.#capacity;
      this.#length = Math.min(this.#length + 1, this.#capacity);
    }
    this.#rows.set([size, notionalUsd, exchangeAtMs, receivedAtMs], this.#at(0));
  }

  /** The last `limit` values or fewer, oldest first. */
  last(limit: number): readonly OpenInterest[] {
    const count = Math.max(0, Math.min(this.#length, Math.floor(limit)));
    return Array.from({ length: count }, (_, index) => {
      const at = this.#at(count - 1 - index);
      const [size = 0, notionalUsd = 0, exchangeAtMs = 0, receivedAtMs = 0] = this.#rows.subarray(at, at + fields);
      return { instrumentId: this.#instrumentId, size, notionalUsd, exchangeAtMs, receivedAtMs };
    });
  }

  /** Where the row lies that is `back` places before the newest. */
  #at(back: number): number {
    return ((this.#next - 1 - back + 2 * this.#capacity) % this.#capacity) * fields;
  }
}
