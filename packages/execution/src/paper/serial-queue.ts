import type { Clock } from '@perpdesk/core';

/** Does one thing after another, each begun and ended while the clock is held. */
export class SerialQueue {
  readonly #clock: Clock;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `act` when everything before it has ended; what it throws is the caller's. */
  run<Result>(act: () => Promise<Result>): Promise<Result> {
    const release = this.#clock.hold();
    const result = this.#tail.then(act).finally(release);
    // What one throws is no matter of the next.
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything that was asked for has ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
