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
 * looks ahead: a view is held against the rates that were known when it was said. One more of each is counted (Laplace's
 * rule of succession), so that the first view meets thirds and nothing is ever impossible.
 */
export class BaseRates {
  readonly #counts = new Map<string, MoveCounts>();

  /** The rates under a key as they stand; they sum to 1. */
  ratesOf(key: string): MoveProbabilities {
    const { up, flat, down } = this.countsOf(key);
    const total = up + flat + down + 3;
    return { up: (up + 1) / total, flat: (flat + 1) / total, down: (down + 1) / total };
  }

  /** What was counted under a key. */
  countsOf(key: string): MoveCounts {
    return this.#counts.get(key) ?? none;
  }

  /** Counts an outcome. */
  add(key: string, move: MarketMove): void {
    const counts = this.countsOf(key);
    this.#counts.set(key, { ...counts, [move]: counts[move] + 1 });
  }

  /** Takes what was counted before a restart. */
  restore(key: string, counts: MoveCounts): void {
    this.#counts.set(key, counts);
  }

  clear(): void {
    this.#counts.clear();
  }
}
