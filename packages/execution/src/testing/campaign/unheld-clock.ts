import type { Clock, Release } from '@perpdesk/core';

/**
 * A simulated clock that goes on while work is in flight, as time does: a venue that answers late is waited for by work that
 * would hold the clock.
 */
export class UnheldClock implements Clock {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  setTimer(delayMs: number, callback: () => void): Release {
    return this.#clock.setTimer(delayMs, callback);
  }

  sleep(delayMs: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#clock.sleep(delayMs, options);
  }

  hold(): Release {
    return () => {};
  }
}
