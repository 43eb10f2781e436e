import type { Clock } from '@perpdesk/core';

/** Options of {@link CircuitBreaker}. */
export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** How many of the last `window` calls must have failed to open. Default 5. */
  readonly failures?: number;
  /** Default 10. */
  readonly window?: number;
  /** How long it stays open before one call may try again. Default 60,000. */
  readonly coolDownMs?: number;
}

/**
 * Keeps calls from what keeps failing (Nygard, Release It!, 2007): closed while fewer than 5 of the last 10 calls failed, then open; after
 * the cool-down one call goes through as a probe, whose success closes it and whose failure opens it anew.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #failures: number;
  readonly #window: number;
  readonly #coolDownMs: number;
  #outcomes: boolean[] = [];
  #openedAtMs: number | undefined;
  #probing = false;

  constructor(options: CircuitBreakerOptions) {
    this.#clock = options.clock;
    this.#failures = options.failures ?? 5;
    this.#window = options.window ?? 10;
    this.#coolDownMs = options.coolDownMs ?? 60_000;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openedAtMs === undefined) return 'closed';
    return this.#clock.nowMs() - this.#openedAtMs >= this.#coolDownMs ? 'half-open' : 'open';
  }

  /** True when a call may go out; its outcome must then be told by {@link record} or {@link forget}. */
  allow(): boolean {
    const { state } = this;
    if (state === 'closed') return true;
    if (state === 'open' || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  record(succeeded: boolean): void {
    if (this.#openedAtMs !== undefined) {
      // A call from before the opening that comes in late says nothing about now.
      if (!this.#probing) return;
      this.#probing = false;
      this.#openedAtMs = succeeded ? undefined : this.#clock.nowMs();
      this.#outcomes = [];
      return;
    }
    this.#outcomes.push(succeeded);
    if (this.#outcomes.length > this.#window) this.#outcomes.shift();
    if (this.#outcomes.filter((outcome) => !outcome).length >= this.#failures) this.#openedAtMs = this.#clock.nowMs();
  }

  /** Takes back a call that says nothing about the other side, such as one that was given up: a probe may be tried again. */
  forget(): void {
    this.#probing = false;
  }
}
