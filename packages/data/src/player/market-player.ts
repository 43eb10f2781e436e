import {
  type Clock,
  ConfigError,
  type MarketSource,
  type MarketStep,
  type SimulatedClock,
  ValidationError,
} from '@perpdesk/core';
import type { MarketDataService } from './market-data-service.ts';
import { Pace } from './pace.ts';

/** Options of {@link MarketPlayer}. */
export interface MarketPlayerOptions {
  readonly source: MarketSource;
  readonly service: MarketDataService;
  /** The clock of the desk; the player alone moves it. */
  readonly clock: SimulatedClock;
  /** Simulated time per wall time (60: a minute a second), or `max`: as fast as the desk works it off. */
  readonly speed: number | 'max';
  /** What a numeric speed is measured on, and what stops are timed by. */
  readonly wallClock: Clock;
  /** Steps up to this only warm the desk up, ms UTC. Default: none. */
  readonly fromMs?: number;
  /** Steps after this are not played, ms UTC. Default: to the end. */
  readonly toMs?: number;
  /** For how long the clock goes on after the last step, so that rounds and timers finish. Default 60,000. */
  readonly settleMs?: number;
  /** How long `stop` waits for a step that is being worked off, ms of the wall clock. Default 1,000. */
  readonly stopWithinMs?: number;
  /**
   * Called after each step that was played, before the next is asked for: the place to save where a source stands. What it
   * returns is awaited.
   */
  readonly onStep?: (step: MarketStep) => void | Promise<void>;
  /** Called with the state of things, at most four times a second of the wall clock. */
  readonly onProgress?: (progress: PlayerProgress) => void;
}

/** How far a player is. */
export interface PlayerProgress {
  readonly steps: number;
  /** The instant of the first step played and of the last one, ms UTC; undefined before the first. */
  readonly fromMs: number | undefined;
  readonly atMs: number | undefined;
  /** How far the run lags behind its speed, ms of the wall clock; 0 at speed `max`. */
  readonly behindMs: number;
}

/** How a run went. */
export interface PlayerResult extends PlayerProgress {
  readonly outcome: 'ended' | 'stopped';
  /** The furthest it lagged behind its speed, and what of it was not caught up, ms of the wall clock. */
  readonly maxBehindMs: number;
  readonly slippedMs: number;
}

const progressEveryMs = 250;

/**
 * Plays a market source on a simulated clock: warms the desk with its history, then takes step after step, the clock moved to
 * each step's instant and every timer before it fired. It falls behind a numeric speed rather than leave anything out: up to
 * five seconds are caught up, more is let go, and both are said.
 *
 * @example
 * const player = new MarketPlayer({ source, service, clock, speed: 'max', wallClock: new SystemClock() });
 * await player.prepare(); // the clock now stands at the first step
 * await desk.start();
 * const { steps } = await player.run();
 */
export class MarketPlayer {
  readonly #options: MarketPlayerOptions;
  readonly #aborter = new AbortController();
  readonly #pace: Pace;
  #preparing: Promise<void> | undefined;
  #running: Promise<PlayerResult> | undefined;
  #iterator: AsyncIterator<MarketStep> | undefined;
  #first: MarketStep | undefined;
  #steps = 0;
  #fromMs: number | undefined;
  #atMs: number | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  /** @throws ConfigError `player.speed` unless the speed is `max` or above 0. */
  constructor(options: MarketPlayerOptions) {
    const { speed, clock, wallClock } = options;
    if (speed !== 'max' && !(speed > 0 && Number.isFinite(speed))) {
      throw new ConfigError('player.speed', `The speed must be "max" or a number above 0, got ${speed}.`);
    }
    this.#options = options;
    this.#pace = new Pace({ clock, wallClock, speed, signal: this.#aborter.signal });
  }

  /**
   * Lists the instruments, warms the desk and sets the clock to the first step that is played. Called before services start,
   * so that they begin in that present; `run` calls it where it was not.
   * @throws ValidationError `player.clock-ahead` when the clock stands after the first step.
   */
  prepare(): Promise<void> {
    this.#preparing ??= this.#prepare();
    return this.#preparing;
  }

  /** Plays to the end of the source, or to `toMs`, or until stopped. Rejects with what the source or the event bus throws. */
  run(): Promise<PlayerResult> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Ends the run at once, or when the step being worked off has ended, or after `stopWithinMs`. */
  async stop(): Promise<void> {
    const { wallClock, stopWithinMs = 1000 } = this.#options;
    this.#aborter.abort();
    const running = this.#running ?? this.#preparing;
    if (running === undefined) return;
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = wallClock.setTimer(stopWithinMs, resolve);
    });
    await Promise.race([running.then(ignore, ignore), late]);
    cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** How far it is. */
  progress(): PlayerProgress {
    return { steps: this.#steps, fromMs: this.#fromMs, atMs: this.#atMs, behindMs: this.#pace.behindMs() };
  }

  async #prepare(): Promise<void> {
    const { source, service, fromMs = Number.NEGATIVE_INFINITY } = this.#options;
    const { signal } = this.#aborter;
    service.list(await source.instruments({ signal }));
    await service.warm(source.history({ signal }), source.background?.({ signal }));
    this.#iterator = source.steps({ signal })[Symbol.asyncIterator]();
    for (;;) {
      this.#first = await this.#next();
      if (this.#first === undefined) return;
      await this.#startClock(this.#first.atMs);
      if (this.#first.atMs > fromMs) return;
      service.absorb(this.#first);
    }
  }

  async #run(): Promise<PlayerResult> {
    const { settleMs = 60_000, toMs = Number.POSITIVE_INFINITY } = this.#options;
    const { signal } = this.#aborter;
    try {
      await this.prepare();
      this.#pace.begin();
      for (let step = this.#first; step !== undefined && step.atMs <= toMs; step = await this.#next()) {
        if (!(await this.#reach(step.atMs))) break;
        await this.#play(step);
      }
      if (!signal.aborted && this.#atMs !== undefined) await this.#reach(this.#atMs + settleMs);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.#iterator?.return?.();
    }
    this.#tell(true);
    const outcome = signal.aborted ? 'stopped' : 'ended';
    return { ...this.progress(), outcome, maxBehindMs: this.#pace.maxBehindMs(), slippedMs: this.#pace.slippedMs() };
  }

  /** After a step that was worked off nothing has run but the source, unless somebody is told of each. */
  #reach(atMs: number): Promise<boolean> {
    return this.#pace.reach(atMs, { afterIdle: this.#steps > 0 && this.#options.onStep === undefined });
  }

  async #play(step: MarketStep): Promise<void> {
    await this.#options.service.ingest(step);
    this.#steps += 1;
    this.#fromMs ??= step.atMs;
    this.#atMs = step.atMs;
    await this.#options.onStep?.(step);
    this.#tell();
  }

  async #next(): Promise<MarketStep | undefined> {
    const result = await this.#iterator?.next();
    return result === undefined || result.done === true ? undefined : result.value;
  }

  /** A clock that has not moved jumps; one that has goes there, firing what waits. */
  async #startClock(atMs: number): Promise<void> {
    const { clock } = this.#options;
    if (clock.nowMs() > atMs) {
      throw new ValidationError('player.clock-ahead', `The clock is at ${clock.nowMs()}, after the step at ${atMs}.`);
    }
    if (clock.moved) await clock.advanceTo(atMs);
    else clock.startAt(atMs);
  }

  #tell(last = false): void {
    const { onProgress, wallClock } = this.#options;
    const nowMs = wallClock.nowMs();
    if (onProgress === undefined || (!last && nowMs - this.#toldAtMs < progressEveryMs)) return;
    this.#toldAtMs = nowMs;
    onProgress(this.progress());
  }
}

const ignore = (): void => {};
