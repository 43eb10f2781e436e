import { Worker } from 'node:worker_threads';
import { type SeriesKind, StoreError } from '@perpdesk/core';
import { threadScript } from '../threads/thread-script.ts';
import type { SinkRows } from './file-sink.ts';
import { type FileColumn, fileColumns } from './series-columns.ts';
import type { TransferFormat } from './transfer-file.ts';

/** What the thread starts with. */
export interface FileThread {
  readonly format: TransferFormat;
  readonly path: string;
  readonly columns: readonly FileColumn[];
}

/** What goes to the thread: rows to write, or, without any, the end of the file. */
export interface FileRequest {
  readonly rows?: SinkRows;
}

/** What comes back for each request, in their order. */
export interface FileAnswer {
  /** What was thrown, and the code of an error of the file system: an error that moves between threads loses it. */
  readonly failure?: { readonly message: string; readonly code?: string };
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Writes a file in a thread of its own, which is started at once: encoding, compressing and the end of a Parquet file keep
 * the event loop from nothing. Numbers of pages move there without a copy, so a page can not be used after it was given.
 */
export class FileWriter {
  readonly #path: string;
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #ended: StoreError | undefined;

  constructor(options: { readonly format: TransferFormat; readonly path: string; readonly kind: SeriesKind }) {
    const { format, path, kind } = options;
    this.#path = path;
    const { url, execArgv } = threadScript('transfer/file-worker');
    const columns = fileColumns(kind).map(({ name, type, optional }) => ({ name, type, optional }));
    const workerData: FileThread = { format, path, columns };
    this.#worker = new Worker(url, { workerData, execArgv, name: 'perpdesk-file' });
    this.#worker.on('message', ({ failure }: FileAnswer) => {
      const waiting = this.#waiting.shift();
      if (failure === undefined) waiting?.resolve();
      else waiting?.reject(Object.assign(new Error(failure.message), { code: failure.code }));
    });
    this.#worker.on('error', (error: Error) => this.#end(error.message));
    this.#worker.on('exit', (code) => this.#end(`exit code ${code}`));
  }

  /** Adds rows. @throws StoreError `store.worker`; what the file system throws. */
  write(rows: SinkRows): Promise<void> {
    const numbers = rows.page.columns.flatMap((column) => (column instanceof Float64Array ? [column.buffer] : []));
    return this.#ask({ rows }, numbers);
  }

  /** Ends the file: it is whole and on disk. @throws StoreError `store.worker`; what the file system throws. */
  close(): Promise<void> {
    return this.#ask({}, []);
  }

  /** Ends the thread, whatever it is at: nothing is written after that. */
  async release(): Promise<void> {
    this.#end('it was stopped');
    await this.#worker.terminate();
  }

  #ask(request: FileRequest, moved: ArrayBuffer[]): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request, moved);
    });
  }

  #end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = new StoreError('store.worker', `The thread that writes ${this.#path} ended: ${reason}.`, {
      retryable: true,
    });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
