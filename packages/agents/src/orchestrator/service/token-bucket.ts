import type { Clock } from '@perpdesk/core';

/** Above so many keys those whose bucket is full again are forgotten. */
const mostKeys = 10_000;

/** Lets each key do something so many times in a row, and then at a steady rate. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #everyMs: number;
  /** By key: when its bucket is full, ms. */
  readonly #fullAtMs = new Map<string, number>();

  constructor(options: { readonly clock: Clock; readonly burst: number; readonly perMinute: number }) {
    this.#clock = options.clock;
    this.#burst = options.burst;
    this.#everyMs = 60_000 / options.perMinute;
  }

  /** Takes a token of a key: 0, or how long until there is one, ms, and then none was taken. */
  take(key: string): number {
    const nowMs = this.#clock.nowMs();
    const fullAtMs = Math.max(nowMs, this.#fullAtMs.get(key) ?? nowMs) + this.#everyMs;
    const waitMs = fullAtMs - nowMs - this.#burst * this.#everyMs;
    if (waitMs > 0) return waitMs;
    if (this.#fullAtMs.size >= mostKeys) this.#forget(nowMs);
    this.#fullAtMs.set(key, fullAtMs);
    return 0;
  }

  #forget(nowMs: number): void {
    for (const [key, fullAtMs] of this.#fullAtMs) if (fullAtMs <= nowMs) this.#fullAtMs.delete(key);
  }
}
