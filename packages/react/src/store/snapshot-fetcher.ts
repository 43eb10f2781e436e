import type { Clock, Release } from '@perpdesk/core';

/** Options of {@link SnapshotFetcher}. */
export interface SnapshotFetcherOptions<Name> {
  /** Fetches one snapshot and keeps it; tells of failures by itself, never rejects. */
  readonly fetch: (name: Name, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  /** How long what is outdated is gathered before it is fetched. */
  readonly gatherMs: number;
}

/**
 * Fetches what is outdated: gathered, and one request at a time for each snapshot, so that an older answer never comes
 * after a newer one and a slow desk is not flooded.
 */
export class SnapshotFetcher<Name> {
  readonly #options: SnapshotFetcherOptions<Name>;
  readonly #due = new Set<Name>();
  readonly #busy = new Set<Name>();
  readonly #abort = new AbortController();
  #cancelTimer: Release | undefined;

  constructor(options: SnapshotFetcherOptions<Name>) {
    this.#options = options;
  }

  /** Fetches soon; what is being fetched already is fetched once more after. */
  outdate(names: Iterable<Name>): void {
    for (const name of names) this.#due.add(name);
    this.#arm();
  }

  /** Fetches without gathering. */
  fetchNow(names: Iterable<Name>): void {
    for (const name of names) this.#due.add(name);
    this.#fetchDue();
  }

  /** Ends for good: no timer stays, requests under way are aborted. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#due.clear();
    this.#abort.abort();
  }

  #arm(): void {
    if (this.#cancelTimer !== undefined || this.#abort.signal.aborted) return;
    if (![...this.#due].some((name) => !this.#busy.has(name))) return;
    this.#cancelTimer = this.#options.clock.setTimer(this.#options.gatherMs, () => {
      this.#cancelTimer = undefined;
      this.#fetchDue();
    });
  }

  #fetchDue(): void {
    for (const name of [...this.#due]) {
      if (this.#busy.has(name)) continue;
      this.#due.delete(name);
      this.#busy.add(name);
      void this.#options.fetch(name, this.#abort.signal).finally(() => {
        this.#busy.delete(name);
        this.#arm();
      });
    }
  }
}
