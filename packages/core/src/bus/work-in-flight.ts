import type { Clock, Release } from '../clock/clock.ts';

/** Counts units of work and holds the clock while there is one. */
export class WorkInFlight {
  readonly #clock: Clock;
  #units = 0;
  #release: Release | undefined;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    if (this.#units === 0) this.#release = this.#clock.hold();
    this.#units += 1;
  }

  end(): void {
    this.#units -= 1;
    if (this.#units > 0) return;
    this.#release?.();
    this.#release = undefined;
    this.#wake();
  }

  /** Resolves with true when nothing is in flight, with false when `withinMs` of the clock's time have passed before. */
  async settled(withinMs: number): Promise<boolean> {
    let late = false;
    const cancel = this.#clock.setTimer(withinMs, () => {
      late = true;
      this.#wake();
    });
    while (this.#units > 0 && !late) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    cancel();
    return this.#units === 0;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
