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
  #facts: Fact[] = [];
  #earliestMs = Number.POSITIVE_INFINITY;
  #applied = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many facts were applied: while it stands, nothing new is known. */
  get applied(): number {
    return this.#applied;
  }

  /** Applies now what is known by now, else when its time has come. Facts of one instant keep their order. */
  take(knownAtMs: number, apply: () => void): void {
    this.settle();
    if (knownAtMs <= this.#clock.nowMs()) {
      this.#applied += 1;
      apply();
      return;
    }
    this.#facts.push({ knownAtMs, apply });
    this.#earliestMs = Math.min(this.#earliestMs, knownAtMs);
  }

  /** Applies what has become known. Called before every read. */
  settle(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#earliestMs > nowMs) return;
    // Sorting keeps the order of equals, and costs little where it was sorted before.
    const facts = this.#facts.sort((a, b) => a.knownAtMs - b.knownAtMs);
    const first = facts.findIndex(({ knownAtMs }) => knownAtMs > nowMs);
    const known = first < 0 ? facts : facts.slice(0, first);
    this.#facts = first < 0 ? [] : facts.slice(first);
    this.#earliestMs = this.#facts[0]?.knownAtMs ?? Number.POSITIVE_INFINITY;
    this.#applied += known.length;
    for (const fact of known) fact.apply();
  }
}
