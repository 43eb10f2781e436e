import type { Clock, Random } from '@perpdesk/core';
import type { FeedTiming } from './feed-timing.ts';

/**
 * When a venue's streams may connect again. All of them wait for the same instant, so that a storm of broken streams is one
 * attempt; the pauses double from one failure to the next and are drawn by chance, so that many desks do not come back at once.
 */
export class ReconnectGate {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #timing: FeedTiming;
  #failures = 0;
  #opensAtMs = Number.NEGATIVE_INFINITY;
  #connectedAtMs: number | undefined;

  constructor(options: { readonly clock: Clock; readonly random: Random; readonly timing: FeedTiming }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#timing = options.timing;
  }

  /** Resolves when an attempt may be made. Rejects when aborted. */
  async turn(signal: AbortSignal): Promise<void> {
    for (let waitMs = this.#waitMs(); waitMs > 0; waitMs = this.#waitMs()) {
      await this.#clock.sleep(waitMs, { signal });
    }
    signal.throwIfAborted();
  }

  /** A connection broke or was not made. Failures of one moment count once. */
  failed(): void {
    if (this.#waitMs() > 0) return;
    const nowMs = this.#clock.nowMs();
    const { firstBackoffMs, longestBackoffMs, stableMs } = this.#timing;
    const held = this.#connectedAtMs !== undefined && nowMs - this.#connectedAtMs >= stableMs;
    this.#failures = held ? 1 : this.#failures + 1;
    this.#connectedAtMs = undefined;
    const longest = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(30, this.#failures - 1));
    this.#opensAtMs = nowMs + Math.max(1, longest * (0.5 + this.#random.next() / 2));
  }

  /** A stream speaks. */
  succeeded(): void {
    this.#connectedAtMs ??= this.#clock.nowMs();
  }

  /** Failures since the last connection that held. */
  get failures(): number {
    return this.#failures;
  }

  #waitMs(): number {
    return this.#opensAtMs - this.#clock.nowMs();
  }
}
