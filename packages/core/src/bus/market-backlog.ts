import type { MarketCounts } from './market-counts.ts';

/** What waits for a market listener whose handler is busy. */
export interface MarketBacklog<Payload> {
  /** How many events wait. */
  readonly size: number;
  keep(payload: Payload, key: string): void;
  /** Takes the next, if any waits. */
  next(): { readonly payload: Payload; readonly key: string } | undefined;
}

/** Keeps the newest event of each key; keys in the order they began to wait. */
export class StateBacklog<Payload> implements MarketBacklog<Payload> {
  readonly #newest = new Map<string, Payload>();
  readonly #counts: MarketCounts;

  constructor(counts: MarketCounts) {
    this.#counts = counts;
  }

  get size(): number {
    return this.#newest.size;
  }

  keep(payload: Payload, key: string): void {
    if (this.#newest.has(key)) this.#counts.conflated += 1;
    this.#newest.set(key, payload);
  }

  next(): { readonly payload: Payload; readonly key: string } | undefined {
    for (const [key, payload] of this.#newest) {
      this.#newest.delete(key);
      return { payload, key };
    }
    return undefined;
  }
}

/** Keeps every event in order, up to a bound; what comes beyond it is counted and told once per run. */
export class StreamBacklog<Payload> implements MarketBacklog<Payload> {
  readonly #bound: number;
  readonly #counts: MarketCounts;
  readonly #onOverflow: (key: string) => void;
  #waiting: { readonly payload: Payload; readonly key: string }[] = [];
  #taken = 0;
  #overflowing = false;

  constructor(bound: number, counts: MarketCounts, onOverflow: (key: string) => void) {
    this.#bound = bound;
    this.#counts = counts;
    this.#onOverflow = onOverflow;
  }

  get size(): number {
    return this.#waiting.length - this.#taken;
  }

  keep(payload: Payload, key: string): void {
    if (this.size < this.#bound) {
      this.#overflowing = false;
      this.#waiting.push({ payload, key });
      return;
    }
    this.#counts.overflowed += 1;
    if (this.#overflowing) return;
    this.#overflowing = true;
    this.#onOverflow(key);
  }

  next(): { readonly payload: Payload; readonly key: string } | undefined {
    const taken = this.#waiting[this.#taken];
    if (taken === undefined) return undefined;
    this.#taken += 1;
    // Moved together now and then: taking the first of a long array each time would move all the others.
    if (this.#taken * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    return taken;
  }
}
