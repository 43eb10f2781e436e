import { type Clock, type Release, SimulatedClock } from '@perpdesk/core';

/** Quiet turns of the host after which everything that is ready to run has run. */
const quietTurnsWanted = 2;
/** So many turns without anything happening while work is held: it waits for something that will never come. */
const mostIdleTurns = 50_000;

/**
 * The time of a simulated world with a network. A `SimulatedClock` stands still while work is held; here work that waits
 * for an answer on its way does not keep it standing, or no answer would ever come.
 */
export class SimulatedTime {
  readonly clock: SimulatedClock;
  readonly #processes = new Set<ProcessClock>();
  /** Work of the machine itself (a file that is written): time waits for it whatever else is on its way. */
  #solid = 0;
  #activity = 0;

  constructor(startAtMs: number) {
    this.clock = new SimulatedClock({ startAtMs, yieldToHost: () => this.#settle() });
  }

  /** The clock of a new process. */
  process(): ProcessClock {
    const process = new ProcessClock(this);
    this.#processes.add(process);
    return process;
  }

  /** Lets time wait for `act`, which takes time of the machine and none of the world. */
  async solid<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#solid += 1;
    try {
      return await act();
    } finally {
      this.#solid -= 1;
      this.stir();
    }
  }

  /** Says that something has happened: what follows from it is waited for. */
  stir(): void {
    this.#activity += 1;
  }

  ended(process: ProcessClock): void {
    this.#processes.delete(process);
    this.stir();
  }

  async #settle(): Promise<void> {
    let idle = 0;
    for (let quiet = 0; quiet < quietTurnsWanted; ) {
      const before = this.#activity;
      await new Promise((resolve) => setImmediate(resolve));
      const still = before === this.#activity;
      const waits = this.#solid === 0 && [...this.#processes].every((process) => process.mayWait);
      quiet = still && waits ? quiet + 1 : 0;
      idle = still && this.#solid === 0 ? idle + 1 : 0;
      if (idle > mostIdleTurns) throw new Error('Held work waits for something that never comes.');
    }
  }
}

/** A process's view of time. When the process ends, none of its timers fires any more. */
export class ProcessClock implements Clock {
  readonly #time: SimulatedTime;
  readonly #timers = new Set<Release>();
  #holds = 0;
  #underWay = 0;
  #ended = false;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** True while time may pass as far as this process goes. */
  get mayWait(): boolean {
    return this.#holds === 0 || this.#underWay > 0;
  }

  nowMs(): number {
    return this.#time.clock.nowMs();
  }

  setTimer(delayMs: number, callback: () => void): Release {
    if (this.#ended) return () => {};
    const release = this.#time.clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel);
      this.#time.stir();
      if (!this.#ended) callback();
    });
    const cancel = (): void => {
      this.#timers.delete(cancel);
      release();
    };
    this.#timers.add(cancel);
    this.#time.stir();
    return cancel;
  }

  sleep(delayMs: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.setTimer(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  hold(): Release {
    this.#holds += 1;
    this.#time.stir();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.#time.stir();
    };
  }

  /** Waits as a message on its way does: time passes although the work that waits is held. Never ends in a process that has. */
  travel(delayMs: number): Promise<void> {
    if (this.#ended) return new Promise(() => {});
    this.#underWay += 1;
    return new Promise((resolve) => {
      this.setTimer(delayMs, () => {
        this.#underWay -= 1;
        resolve();
      });
    });
  }

  /** Waits for what only time brings, such as a turn in a budget: time passes although the work that waits is held. */
  async waitFor<Result>(work: Promise<Result>): Promise<Result> {
    this.#underWay += 1;
    try {
      return await work;
    } finally {
      this.#underWay -= 1;
      this.#time.stir();
    }
  }

  /** Ends the process: what it has set, holds and waits for is gone. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const cancel of [...this.#timers]) cancel();
    this.#time.ended(this);
  }
}
