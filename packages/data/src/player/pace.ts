import type { Clock, SimulatedClock } from '@perpdesk/core';

/** The clock is moved in slices of so much wall time, so that timers between two steps fire when they are due. */
const sliceMs = 200;
/** What a run lags behind more than this is let go, not caught up: a machine that slept does not race on waking. */
const catchUpMs = 5000;

/** Moves a simulated clock at a speed, measured on a wall clock. */
export class Pace {
  readonly #clock: SimulatedClock;
  readonly #wallClock: Clock;
  readonly #speed: number | 'max';
  readonly #signal: AbortSignal;
  #simulatedStartMs = 0;
  #wallStartMs = 0;
  #behindMs = 0;
  #maxBehindMs = 0;
  #slippedMs = 0;

  constructor(options: {
    readonly clock: SimulatedClock;
    readonly wallClock: Clock;
    readonly speed: number | 'max';
    readonly signal: AbortSignal;
  }) {
    this.#clock = options.clock;
    this.#wallClock = options.wallClock;
    this.#speed = options.speed;
    this.#signal = options.signal;
  }

  /** Counts from now on. */
  begin(): void {
    this.#simulatedStartMs = this.#clock.nowMs();
    this.#wallStartMs = this.#wallClock.nowMs();
  }

  behindMs(): number {
    return this.#behindMs;
  }

  maxBehindMs(): number {
    return this.#maxBehindMs;
  }

  slippedMs(): number {
    return this.#slippedMs;
  }

  /**
   * Resolves with true when the clock stands at `atMs`, at the time the speed says or later; with false once aborted. `afterIdle`: see
   * `SimulatedClock.advanceTo`.
   */
  async reach(atMs: number, options: { readonly afterIdle: boolean }): Promise<boolean> {
    const speed = this.#speed;
    if (this.#signal.aborted) return false;
    if (speed === 'max') {
      await this.#clock.advanceTo(atMs, options);
      return !this.#signal.aborted;
    }
    const dueMs = this.#wallStartMs + (atMs - this.#simulatedStartMs) / speed;
    for (;;) {
      if (this.#signal.aborted) return false;
      const waitMs = dueMs - this.#wallClock.nowMs();
      if (waitMs <= 0) break;
      const slept = await this.#sleep(Math.min(sliceMs, waitMs));
      if (!slept) return false;
      const elapsedMs = this.#wallClock.nowMs() - this.#wallStartMs;
      const presentMs = Math.min(atMs, Math.floor(this.#simulatedStartMs + elapsedMs * speed));
      if (presentMs > this.#clock.nowMs()) await this.#clock.advanceTo(presentMs);
    }
    await this.#clock.advanceTo(atMs);
    this.#lag(this.#wallClock.nowMs() - dueMs);
    return !this.#signal.aborted;
  }

  #lag(behindMs: number): void {
    this.#behindMs = behindMs;
    this.#maxBehindMs = Math.max(this.#maxBehindMs, behindMs);
    if (behindMs <= catchUpMs) return;
    this.#slippedMs += behindMs;
    this.#wallStartMs += behindMs;
  }

  async #sleep(durationMs: number): Promise<boolean> {
    try {
      await this.#wallClock.sleep(durationMs, { signal: this.#signal });
      return true;
    } catch (error) {
      if (this.#signal.aborted) return false;
      throw error;
    }
  }
}
