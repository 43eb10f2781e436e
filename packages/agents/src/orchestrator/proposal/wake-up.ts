import type { Clock, Release } from '@perpdesk/core';

/** Runs something at the earliest of the instants that were asked for, once; whoever is woken asks for the next. */
export class WakeUp {
  readonly #clock: Clock;
  readonly #wake: () => Promise<void>;
  #cancel: Release = () => {};
  #atMs = Number.POSITIVE_INFINITY;
  #isStarted = false;

  /** @param options.wake Must not reject. */
  constructor(options: { readonly clock: Clock; readonly wake: () => Promise<void> }) {
    this.#clock = options.clock;
    this.#wake = options.wake;
  }

  start(): void {
    this.#isStarted = true;
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancel();
    this.#atMs = Number.POSITIVE_INFINITY;
  }

  /** Asks to be woken at `atMs` of the clock, or earlier. */
  at(atMs: number): void {
    if (!this.#isStarted || atMs >= this.#atMs) return;
    this.#cancel();
    this.#atMs = atMs;
    this.#cancel = this.#clock.setTimer(atMs - this.#clock.nowMs(), () => {
      this.#atMs = Number.POSITIVE_INFINITY;
      const release = this.#clock.hold();
      void this.#wake().finally(release);
    });
  }
}
