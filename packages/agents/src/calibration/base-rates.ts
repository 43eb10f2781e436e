import type { MarketMove, MoveProbabilities } from '@perpdesk/core';

/** How often a market moved which way. */
export interface MoveCounts {
  readonly up: number;
  readonly flat: number;
  readonly down: number;
}

const none: MoveCounts = { up: 0, flat: 0, down: 0 };

/**
 * How often what was spoken of moved which way so far: what a view must beat. The window grows with each outcome and never
 * looks ahead: a view is held against the outcomes of before the instant it was said at. Those of that very instant do not
 * count, whichever came first: markets close together, and in what order is chance. One more of each is counted (Laplace's
 * rule of succession), so that the first view meets thirds and nothing is ever impossible.
 */
export class BaseRates {
  readonly #counts = new Map<string, MoveCounts>();
  /** The outcomes of the newest instant, which are in the counts too. */
  readonly #newest = new Map<string, { readonly atMs: number; readonly counts: MoveCounts }>();

  /** The rates under a key by the outcomes of before `atMs`; they sum to 1. */
  ratesOf(key: string, atMs: number): MoveProbabilities {
    const all = this.countsOf(key);
    const newest = this.#newest.get(key);
    const late = newest !== undefined && newest.atMs >= atMs ? newest.counts : none;
    const [up, flat, down] = [all.up - late.up + 1, all.flat - late.flat + 1, all.down - late.down + 1];
    const total = up + flat + down;
    return { up: up / total, flat: flat / total, down: down / total };
  }

  /** What was counted under a key. */
  countsOf(key: string): MoveCounts {
    return this.#counts.get(key) ?? none;
  }

  /** Counts an outcome that was there at `atMs`. */
  add(key: string, move: MarketMove, atMs: number): void {
    this.#counts.set(key, withOne(this.countsOf(key), move));
    const newest = this.#newest.get(key);
    if (newest !== undefined && newest.atMs > atMs) return;
    this.#newest.set(key, { atMs, counts: withOne(newest?.atMs === atMs ? newest.counts : none, move) });
  }

  /** Takes what was counted before a restart. */
  restore(key: string, counts: MoveCounts): void {
    this.#counts.set(key, counts);
  }

  clear(): void {
    this.#counts.clear();
    this.#newest.clear();
  }
}

const withOne = (counts: MoveCounts, move: MarketMove): MoveCounts => ({ ...counts, [move]: counts[move] + 1 });
