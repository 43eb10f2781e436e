import type { Clock } from '@perpdesk/core';

interface Fact {
  readonly knownAtMs: number;
  readonly apply: () => void;
}

/**
 * Keeps what is told before its time until the clock has reached it. What can be read at an instant is thus made of what
 * was known by then and of nothing else, even of what a later fact would have pushed out.
 */
export class FutureFacts {
  readonly #clock: Clock;
  /** Latest first, so that the next is at the end. */
  readonly #facts: Fact[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Applies now what is known by now, else when its time has come. Facts of one instant keep their order. */
  take(knownAtMs: number, apply: () => void): void {
    this.settle();
    if (knownAtMs <= this.#clock.nowMs()) {
      apply();
      return;
    }
    let low = 0;
    let high = this.#facts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#facts[middle]?.knownAtMs ?? 0) > knownAtMs) low = middle + 1;
      else high = middle;
    }
    this.#facts.splice(low, 0, { knownAtMs, apply });
  }

  /** Applies what has become known. Called before every read. */
  settle(): void {
    const nowMs = this.#clock.nowMs();
    for (let next = this.#facts.at(-1); next !== undefined && next.knownAtMs <= nowMs; next = this.#facts.at(-1)) {
      this.#facts.pop();
      next.apply();
    }
  }
}
