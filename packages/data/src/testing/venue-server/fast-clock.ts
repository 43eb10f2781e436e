import type { Clock, Release } from '@perpdesk/core';
import { sleepBy } from './steered-clock.ts';

/** The machine's clock, but so many times as fast: minutes of a feed's patience pass in a test's second. */
export class FastClock implements Clock {
  readonly #startAtMs: number;
  readonly #speed: number;
  readonly #bornAt = performance.now();

  constructor(startAtMs: number, speed: number) {
    this.#startAtMs = startAtMs;
    this.#speed = speed;
  }

  nowMs(): number {
    return Math.floor(this.#startAtMs + (performance.now() - this.#bornAt) * this.#speed);
  }

  setTimer(delayMs: number, callback: () => void): Release {
    const timer = setTimeout(callback, Math.max(0, delayMs) / this.#speed);
    return () => clearTimeout(timer);
  }

  sleep(delayMs: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return sleepBy(this, delayMs, options.signal);
  }

  hold(): Release {
    return () => {};
  }
}
