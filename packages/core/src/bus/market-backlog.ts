/** What waits for a market listener whose handler is busy. */
export interface MarketBacklog<Payload> {
  /** How many events wait. */
  readonly size: number;
  /** State events that a newer one replaced. */
  readonly conflated: number;
  /** Stream events given up. */
  readonly overflowed: number;
  keep(payload: Payload, key: string): void;
  /** Takes the next. */
  next(): { readonly payload: Payload; readonly key: string } | undefined;
  clear(): void;
}

/** Keeps the newest event of each key; keys in the order they began to wait. */
export class StateBacklog<Payload> implements MarketBacklog<Payload> {
  readonly overflowed = 0;
  readonly #newest = new Map<string, Payload>();
  #conflated = 0;

  get size(): number {
    return this.#newest.size;
  }

  get conflated(): number {
    return this.#conflated;
  }

  keep(payload: Payload, key: string): void {
    if (this.#newest.has(key)) this.#conflated += 1;
    this.#newest.set(key, payload);
  }

  next(): { readonly payload: Payload; readonly key: string } | undefined {
    for (const [key, payload] of this.#newest) {
      this.#newest.delete(key);
      return { payload, key };
    }
    return undefined;
  }

  clear(): void {
    this.#newest.clear();
  }
}

/** Keeps every event in order, up to a bound; what comes beyond it is counted and told once per run. */
export class StreamBacklog<Payload> implements MarketBacklog<Payload> {
  readonly conflated = 0;
  readonly #bound: number;
  readonly #onOverflow: (key: string) => void;
  #waiting: { readonly payload: Payload; readonly key: string }[] = [];
  #taken = 0;
  #overflowing = false;
  #overflowed = 0;

  constructor(bound: number, onOverflow: (key: string) => void) {
    this.#bound = bound;
    this.#onOverflow = onOverflow;
  }

  get size(): number {
    return this.#waiting.length - this.#taken;
  }

  get overflowed(): number {
    return this.#overflowed;
  }

  keep(payload: Payload, key: string): void {
    if (this.size < this.#bound) {
      this.#overflowing = false;
      this.#waiting.push({ payload, key });
      return;
    }
    this.#overflowed += 1;
    if (!this.#overflowing) this.#onOverflow(key);
    this.#overflowing = true;
  }

  next(): { readonly payload: Payload; readonly key: string } | undefined {
    const taken = this.#waiting[this.#taken];
    this.#taken += 1;
    // Moved together now and then: taking the first of a long array each time would move all the others.
    if (this.#taken * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    return taken;
  }

  clear(): void {
    this.#waiting = [];
    this.#taken = 0;
  }
}
