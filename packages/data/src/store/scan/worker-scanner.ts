import { Worker } from 'node:worker_threads';
import { StoreError } from '@perpdesk/core';
import { threadScript } from '../threads/thread-script.ts';
import type { Scanner, ScanPage, ScanQuery } from './scanner.ts';

/** What the thread starts with. */
export interface ScanThread {
  readonly path: string;
  readonly snapshot: boolean;
}

/** What goes to the thread. */
export interface ScanRequest {
  readonly id: number;
  readonly query: ScanQuery;
}

/** What comes back: a page or why there is none. */
export interface ScanAnswer {
  readonly id: number;
  readonly page?: ScanPage;
  /** The driver's code, such as `SQLITE_BUSY`, and what it says. */
  readonly failure?: { readonly code: string; readonly message: string };
}

interface Waiting {
  resolve(page: ScanPage): void;
  reject(error: unknown): void;
}

/** Options of {@link WorkerScanner}. */
export interface WorkerScannerOptions {
  readonly path: string;
  readonly pageRows: number;
  readonly sliceRows: number;
  /** Whether all queries see what the first one saw, whatever is written meanwhile. Default false. */
  readonly snapshot?: boolean;
}

/**
 * Runs queries on a SQLite file in a thread of its own, with a handle that can only read: however long one takes, the event
 * loop goes on. The thread starts with the first query, does not keep the process alive, and starts anew should it end.
 */
export class WorkerScanner implements Scanner {
  readonly pageRows: number;
  readonly sliceRows: number;
  readonly #path: string;
  readonly #snapshot: boolean;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #asked = 0;

  constructor(options: WorkerScannerOptions) {
    this.#path = options.path;
    this.#snapshot = options.snapshot ?? false;
    this.pageRows = options.pageRows;
    this.sliceRows = options.sliceRows;
  }

  async scan(query: ScanQuery, options: { readonly signal?: AbortSignal } = {}): Promise<ScanPage> {
    options.signal?.throwIfAborted();
    const worker = this.#running();
    this.#asked += 1;
    const id = this.#asked;
    let abort: (() => void) | undefined;
    try {
      return await new Promise<ScanPage>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        abort = () => reject(options.signal?.reason);
        options.signal?.addEventListener('abort', abort, { once: true });
        worker.ref();
        worker.postMessage({ id, query } satisfies ScanRequest);
      });
    } finally {
      if (abort !== undefined) options.signal?.removeEventListener('abort', abort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
    }
  }

  /** Ends the thread; queries in flight fail. Another query starts it anew. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#ended(worker, 'the store was stopped');
    await worker?.terminate();
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { url, execArgv } = threadScript('scan/scan-worker');
    const workerData: ScanThread = { path: this.#path, snapshot: this.#snapshot };
    const worker = new Worker(url, { workerData, execArgv, name: 'perpdesk-scan' });
    worker.on('message', ({ id, page, failure }: ScanAnswer) => {
      const waiting = this.#waiting.get(id);
      if (page !== undefined) waiting?.resolve(page);
      else if (failure !== undefined) waiting?.reject(this.#failed(failure));
    });
    worker.on('error', (error: Error) => this.#ended(worker, error.message));
    worker.on('exit', (code) => this.#ended(worker, `exit code ${code}`));
    this.#worker = worker;
    return worker;
  }

  #failed({ code, message }: NonNullable<ScanAnswer['failure']>): StoreError {
    const retryable = /^SQLITE_(BUSY|LOCKED)/.test(code);
    const says = `The database ${this.#path} could not be scanned: ${message}`;
    return new StoreError(retryable ? 'database.busy' : 'database.failed', says, { retryable });
  }

  #ended(worker: Worker | undefined, reason: string): void {
    // Whoever ended before is no longer waited for by anyone.
    if (worker === undefined || this.#worker !== worker) return;
    this.#worker = undefined;
    const message = `The thread that reads ${this.#path} ended: ${reason}.`;
    for (const { reject } of this.#waiting.values())
      reject(new StoreError('store.worker', message, { retryable: true }));
    this.#waiting.clear();
  }
}
