const mostOrders = 20_000;

/**
 * For which of the venue's orders all is known that filled before they replaced another under the same id of ours. Those had
 * ended when the new one was there: one reading of all fills that begins after it was seen has them, and none has to follow.
 */
export class ReplacedOrders {
  /** The reading under way that began after each was seen; undefined: none. */
  readonly #seen = new Map<string, Promise<void> | undefined>();
  readonly #read = new Set<string>();

  /** Notes that the venue has an order of this id. */
  see(venueOrderId: string): void {
    if (this.#read.has(venueOrderId) || this.#seen.has(venueOrderId)) return;
    this.#seen.set(venueOrderId, undefined);
    forgetOldest(this.#seen);
  }

  /** Has all fills read by `read` unless they were since this order was seen; waits for a reading that has begun since. @throws VenueError */
  async need(venueOrderId: string, read: () => Promise<void>): Promise<void> {
    this.see(venueOrderId);
    if (this.#read.has(venueOrderId)) return;
    const underWay = this.#seen.get(venueOrderId);
    await (underWay === undefined ? read() : underWay.catch(read));
  }

  /** Notes a reading of all fills that begins now. */
  reading(reading: Promise<void>): void {
    const seen = [...this.#seen.keys()];
    for (const id of seen) this.#seen.set(id, reading);
    const answered = (): void => {
      for (const id of seen) {
        this.#seen.delete(id);
        this.#read.add(id);
        forgetOldest(this.#read);
      }
    };
    const failed = (): void => {
      for (const id of seen) if (this.#seen.get(id) === reading) this.#seen.set(id, undefined);
    };
    reading.then(answered, failed);
  }
}

function forgetOldest(ids: Map<string, unknown> | Set<string>): void {
  if (ids.size <= mostOrders) return;
  const [oldest] = ids.keys();
  if (oldest !== undefined) ids.delete(oldest);
}
