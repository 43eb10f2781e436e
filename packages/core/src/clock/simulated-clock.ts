import { ValidationError } from '../errors/validation-error.ts';
import type { Clock, Release } from './clock.ts';
import { sleepOn } from './system-clock.ts';

interface Timer {
  atMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** A place in a run that repeats: between two timers. */
export interface ClockPlace {
  /** The instant, ms. */
  readonly atMs: number;
  /** How many timers have fired at this instant before. */
  readonly fired: number;
}

interface Visitor {
  readonly place: ClockPlace | undefined;
  readonly enter: () => Promise<void>;
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
  /** Whether it was looked for since the clock last moved. */
  #hasLooked = false;
  #moved = false;
  /** How many timers have fired at the present instant. */
  #fired = 0;
  /** Who waits to be let in, in the order of coming. */
  readonly #visitors: Visitor[] = [];

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
    let quietTurns = this.#isQuiet() ? 1 : 0;
    while (quietTurns < 2) {
      const before = this.#activity;
      await this.#yieldToHost();
      quietTurns = this.#holds === 0 && this.#activity === before ? quietTurns + 1 : 0;
    }
    this.#quietAt = this.#activity;
    this.#hasLooked = true;
  }

  /**
   * Resolves when no work was begun or ended for some turns of the host, whatever is in flight. For what answers from outside, as a model
   * does: what it sets off then comes after all that is done without it.
   */
  async settled(): Promise<void> {
    for (let quietTurns = 0; quietTurns < settledTurns; ) {
      const before = this.#activity;
      await this.#yieldToHost();
      quietTurns = this.#activity === before ? quietTurns + 1 : 0;
    }
  }

  /**
   * Moves to `targetMs`, firing each timer due by then at its own instant and letting its work settle before the next. With
   * `afterIdle` the caller says that it has seen {@link idle} resolve and nothing ran since but code that begins no work: unless work
   * was begun all the same, the clock does not look once more before it moves.
   * @throws ValidationError `clock.backwards` when the target is before now.
   */
  async advanceTo(targetMs: number, { afterIdle = false }: { readonly afterIdle?: boolean } = {}): Promise<void> {
    if (targetMs < this.#nowMs) {
      throw new ValidationError(
        'clock.backwards',
        `The clock is at ${this.#nowMs}, it can not go back to ${targetMs}.`,
      );
    }
    this.#moved = true;
    // Each look is made use of once: a host that is never yielded to would starve.
    let isSettled = afterIdle && this.#hasLooked && this.#isQuiet();
    for (;;) {
      if (!isSettled) await this.#receive();
      isSettled = false;
      this.#hasLooked = false;
      const [timer] = this.#timers;
      const nextMs = this.#visitors.reduce(
        (earliest, { place }) => Math.min(earliest, place?.atMs ?? Number.NEGATIVE_INFINITY),
        timer?.atMs ?? Number.POSITIVE_INFINITY,
      );
      if (nextMs > targetMs) break;
      this.#moveTo(nextMs);
      if (timer === undefined || timer.atMs > nextMs || this.#visitors.some((visitor) => this.#isDue(visitor)))
        continue;
      this.#timers.shift();
      this.#fired += 1;
      timer.callback();
    }
    this.#moveTo(targetMs);
  }

  /**
   * Lets somebody from outside act: when no work is in flight, between two timers, time standing still until the act is done
   * and what it set off has settled. Without a place at the next opportunity, of which the act is told; with the place of an
   * act of an earlier run at that place, or where this run has come past it. One at a time, in the order of coming.
   *
   * The act must not wait for time to pass: the clock would wait for it.
   */
  visit<Result>(act: (place: ClockPlace) => Promise<Result>, place?: ClockPlace): Promise<Result> {
    return new Promise((resolve, reject) => {
      const enter = async (): Promise<void> => {
        try {
          resolve(await act({ atMs: this.#nowMs, fired: this.#fired }));
        } catch (error) {
          reject(error);
        }
      };
      this.#visitors.push({ place, enter });
      this.#receive().catch(reject);
    });
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

  /** Nothing is in flight, and nothing was begun or ended since all was last found quiet. */
  #isQuiet(): boolean {
    return this.#holds === 0 && this.#activity === this.#quietAt;
  }

  /** Waits until all is quiet and nobody who may come in waits. */
  async #receive(): Promise<void> {
    for (;;) {
      await this.idle();
      // Between the look that found it quiet and now somebody else may have begun.
      if (!this.#isQuiet()) continue;
      const index = this.#visitors.findIndex((visitor) => this.#isDue(visitor));
      const [visitor] = index < 0 ? [] : this.#visitors.splice(index, 1);
      if (visitor === undefined) return;
      const release = this.hold();
      await visitor.enter();
      release();
    }
  }

  /** Who comes for a place that is past, or that will not come because too few timers are set, is let in all the same. */
  #isDue({ place }: Visitor): boolean {
    if (place === undefined || place.atMs < this.#nowMs) return true;
    if (place.atMs > this.#nowMs) return false;
    const [timer] = this.#timers;
    return this.#fired >= place.fired || timer === undefined || timer.atMs > this.#nowMs;
  }

  #moveTo(atMs: number): void {
    if (atMs <= this.#nowMs) return;
    this.#nowMs = atMs;
    this.#fired = 0;
  }

  /** The instant of the next timer, or undefined when none is set. */
  nextTimerAtMs(): number | undefined {
    return this.#timers[0]?.atMs;
  }
}

/** Work under way may wait for a commit or two without a word of it. */
const settledTurns = 4;

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
