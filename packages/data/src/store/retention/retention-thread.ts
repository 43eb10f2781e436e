import { Worker } from 'node:worker_threads';
import { StoreError } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { threadScript } from '../threads/thread-script.ts';
import type { RetentionPolicy } from './retention-policy.ts';
import type { RetentionReport } from './retention-run.ts';

/** What the thread starts with. */
export interface RetentionThreadData {
  readonly path: string;
  readonly durability: 'full' | 'normal';
  readonly policies: readonly RetentionPolicy[];
}

/** What goes to the thread: run as of an instant, ms, or end after the step it is in. */
export type RetentionRequest = { readonly nowMs: number } | 'end';

/** What comes back of a run: a report or why there is none. */
export interface RetentionAnswer {
  readonly report?: RetentionReport;
  readonly failure?: { readonly code: string; readonly message: string; readonly retryable: boolean };
}

/** A worker and the runs it was asked for, in order. */
interface Running {
  readonly worker: Worker;
  readonly waiting: { resolve(report: RetentionReport): void; reject(error: StoreError): void }[];
}

/**
 * Trims a SQLite file in a thread of its own, which starts with a run and stays for the next. Idle, it does not keep the
 * process alive.
 */
export class RetentionThread {
  readonly #data: RetentionThreadData;
  #running: Running | undefined;

  constructor(options: { readonly database: Database; readonly policies: readonly RetentionPolicy[] }) {
    const { database, policies } = options;
    this.#data = { path: database.location, durability: database.durability, policies };
  }

  /** Whether no run is asked for that has not ended. */
  get idle(): boolean {
    return this.#running === undefined || this.#running.waiting.length === 0;
  }

  /** Runs once; runs follow one another. @throws StoreError */
  run(nowMs: number): Promise<RetentionReport> {
    this.#running ??= this.#started();
    const { worker, waiting } = this.#running;
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.ref();
      worker.postMessage({ nowMs } satisfies RetentionRequest);
    });
  }

  /** Ends the run after the step it is in, those behind it with nothing done, and the thread; its connection is closed then. */
  async close(): Promise<void> {
    if (this.#running === undefined) return;
    const { worker } = this.#running;
    // A run from now on starts another.
    this.#running = undefined;
    worker.ref();
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('end' satisfies RetentionRequest);
    await gone;
  }

  #started(): Running {
    const { url, execArgv } = threadScript('retention/retention-worker');
    const worker = new Worker(url, { workerData: this.#data, execArgv, name: 'perpdesk-retention' });
    const running: Running = { worker, waiting: [] };
    worker.on('message', ({ report, failure }: RetentionAnswer) => {
      const waiting = running.waiting.shift();
      if (running.waiting.length === 0 && this.#running === running) worker.unref();
      if (report !== undefined) waiting?.resolve(report);
      else if (failure !== undefined) waiting?.reject(new StoreError(failure.code, failure.message, failure));
    });
    worker.on('error', ({ message }: Error) => this.#ended(running, message));
    worker.on('exit', (code) => this.#ended(running, `exit code ${code}`));
    return running;
  }

  #ended(running: Running, reason: string): void {
    if (this.#running === running) this.#running = undefined;
    const message = `The thread that trims ${this.#data.path} ended: ${reason}.`;
    for (const { reject } of running.waiting.splice(0))
      reject(new StoreError('store.worker', message, { retryable: true }));
  }
}
