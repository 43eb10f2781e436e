import type { Clock, Release } from '@perpdesk/core';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock that stands where it is put, such as at the instant of a captured frame, and fires what is due by then. */
export class SteeredClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs: number;

  constructor(startAtMs: number) {
    this.#nowMs = startAtMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): Release {
    const timer = { atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  sleep(delayMs: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return sleepBy(this, delayMs, options.signal);
  }

  hold(): Release {
    return () => {};
  }

  /** Goes to an instant, never back, each timer at its own. */
  moveTo(atMs: number): void {
    for (;;) {
      let next: Timer | undefined;
      for (const timer of this.#timers) if (timer.atMs <= atMs && timer.atMs < (next?.atMs ?? Infinity)) next = timer;
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }
}

/** Resolves after a timer of the clock, rejects with the signal's reason. */
export function sleepBy(
  clock: Pick<Clock, 'setTimer'>,
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const aborted = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    });
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
