import type { Clock, Release } from '@perpdesk/core';

/**
 * Holds the clock for a run while anything of it is in flight: while a step runs, while its function goes from one call to
 * the next. Lets go only while every call that is pending waits (sleep, receive, the pause before a retry).
 */
export class RunHold {
  readonly #clock: Clock;
  #release: Release | undefined;
  #pending = 0;
  #waiting = 0;
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#release = clock.hold();
  }

  /** Counts one call of the run's function on its context, until it settles. */
  async during<Result>(call: () => Promise<Result>): Promise<Result> {
    this.#pending += 1;
    this.#adjust();
    try {
      return await call();
    } finally {
      this.#pending -= 1;
      this.#adjust();
    }
  }

  /** Says that one call waits; the answer says that it goes on, to be called at the very moment that wakes it. */
  wait(): Release {
    this.#waiting += 1;
    this.#adjust();
    let waits = true;
    return () => {
      if (!waits) return;
      waits = false;
      this.#waiting -= 1;
      this.#adjust();
    };
  }

  /** Lets go for good. */
  end(): void {
    this.#ended = true;
    this.#adjust();
  }

  #adjust(): void {
    const idle = this.#ended || (this.#pending > 0 && this.#waiting === this.#pending);
    if (idle) {
      this.#release?.();
      this.#release = undefined;
    } else this.#release ??= this.#clock.hold();
  }
}
