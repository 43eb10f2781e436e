import { ValidationError } from '../errors/validation-error.ts';
import type { Clock, Release } from './clock.ts';
import { sleepOn } from './system-clock.ts';

interface Timer {
  atMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** Options of {@link SimulatedClock}. */
export interface SimulatedClockOptions {
  /** The first instant. Default 0. */
  readonly startAtMs?: number;
  /**
   * Yields to the host so that what is ready to run does. Default: one macrotask (`setImmediate`, or a timer where there
   * is none). It is called between two looks at whether work is in flight.
   */
  readonly yieldToHost?: () => Promise<void>;
}

/**
 * A clock that moves only when told, and only while nothing is in flight: it waits until every hold is released and two
 * turns of the host brought nothing new, then fires the next timer in (time, sequence) order. Time thus stands still while
 * a handler, a workflow step or an agent thinks, and a run repeats to the byte.
 */
export class SimulatedClock implements Clock {
  readonly #timers: Timer[] = [];
  readonly #yieldToHost: () => Promise<void>;
  #nowMs: number;
  #sequence = 0;
  #holds = 0;
  #activity = 0;
  /** What activity stood at when all was last found quiet. */
  #quietAt = Number.NaN;
  #moved = false;

  constructor(options: SimulatedClockOptions = {}) {
    this.#nowMs = options.startAtMs ?? 0;
    this.#yieldToHost = options.yieldToHost ?? yieldMacrotask;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): Release {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)), sequence: this.#sequence++, callback };
    insert(this.#timers, timer);
    this.#activity += 1;
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  sleep(delayMs: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return sleepOn(this, delayMs, options.signal);
  }

  hold(): Release {
    this.#holds += 1;
    this.#activity += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.#activity += 1;
    };
  }

  /** Resolves when no work is in flight and none starts in two turns of the host. Timers that are due do not fire. */
  async idle(): Promise<void> {
    // Found quiet just now and nothing was begun since: one look is enough.
    let quietTurns = this.#holds === 0 && this.#activity === this.#quietAt ? 1 : 0;
    while (quietTurns < 2) {
      const before = this.#activity;
      await this.#yieldToHost();
      quietTurns = this.#holds === 0 && this.#activity === before ? quietTurns + 1 : 0;
    }
    this.#quietAt = this.#activity;
  }

  /**
   * Moves to `targetMs`, firing each timer due by then at its own instant and letting its work settle before the next.
   * @throws ValidationError `clock.backwards` when the target is before now.
   */
  async advanceTo(targetMs: number): Promise<void> {
    if (targetMs < this.#nowMs) {
      throw new ValidationError(
        'clock.backwards',
        `The clock is at ${this.#nowMs}, it can not go back to ${targetMs}.`,
      );
    }
    this.#moved = true;
    await this.idle();
    for (let next = this.#timers[0]; next !== undefined && next.atMs <= targetMs; next = this.#timers[0]) {
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await this.idle();
    }
    this.#nowMs = targetMs;
  }

  /**
   * Jumps forward to the first instant of a run, where it is known only once its data was asked. Timers that are set keep
   * the time they have left. Only before the clock has moved.
   * @throws ValidationError `clock.started`, `clock.backwards`.
   */
  startAt(atMs: number): void {
    if (this.#moved)
      throw new ValidationError('clock.started', `The clock has moved already, it can not start at ${atMs}.`);
    if (atMs < this.#nowMs) {
      throw new ValidationError('clock.backwards', `The clock is at ${this.#nowMs}, it can not go back to ${atMs}.`);
    }
    for (const timer of this.#timers) timer.atMs += atMs - this.#nowMs;
    this.#nowMs = atMs;
  }

  /** False while {@link startAt} may be called. */
  get moved(): boolean {
    return this.#moved;
  }

  /** Moves on by `durationMs`; see {@link advanceTo}. */
  advanceBy(durationMs: number): Promise<void> {
    return this.advanceTo(this.#nowMs + durationMs);
  }

  /** The instant of the next timer, or undefined when none is set. */
  nextTimerAtMs(): number | undefined {
    return this.#timers[0]?.atMs;
  }
}

function insert(timers: Timer[], timer: Timer): void {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = timers[middle];
    if (other !== undefined && other.atMs <= timer.atMs) low = middle + 1;
    else high = middle;
  }
  timers.splice(low, 0, timer);
}

function yieldMacrotask(): Promise<void> {
  const { setImmediate: immediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => {
    if (immediate === undefined) setTimeout(resolve, 0);
    else immediate(resolve);
  });
}
