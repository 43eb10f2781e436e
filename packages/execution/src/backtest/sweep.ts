import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { PerpDeskError, ValidationError } from '@perpdesk/core';
import { type ParameterGrid, type ParameterSet, parameterSets } from './parameter-grid.ts';
import type { SweepSpan } from './sweep-module.ts';

/** Options of {@link sweep}. */
export interface SweepOptions extends SweepSpan {
  /** A module that exports `backtest` or `createServices`, see {@link SweepModule}. A file or data URL. */
  readonly module: URL;
  readonly grid: ParameterGrid;
  /** Threads. Default: one for each processor but one, at least one, never more than combinations. */
  readonly workers?: number;
  /** Called after each combination, in the order they end. */
  readonly onResult?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What one combination came to. */
export type SweepRow<Result> =
  | { readonly parameters: ParameterSet; readonly result: Result }
  | { readonly parameters: ParameterSet; readonly failure: { readonly code: string; readonly message: string } };

/** What a thread starts with. */
export interface SweepThread {
  readonly module: string;
  readonly span: SweepSpan;
}

/** What goes to a thread. */
export interface SweepTask {
  readonly index: number;
  readonly parameters: ParameterSet;
}

/** What comes back. */
export interface SweepAnswer {
  readonly index: number;
  readonly result?: unknown;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** The thread's script lies beside this file, in the sources as in the build, where this file is part of the barrel beside it. */
const fromSource = import.meta.url.endsWith('.ts');

/**
 * Backtests every combination of a grid in worker threads. The rows come in the order of {@link parameterSets}, whichever
 * thread was faster; a combination that fails is a row that says why, and the others go on.
 * @throws ValidationError `grid.empty`, `sweep.workers`; PerpDeskError `sweep.thread` when a thread ends by itself; the
 * signal's reason when aborted.
 * @example
 * const rows = await sweep<{ equityEnd: number }>({
 *   module: new URL('./cross.ts', import.meta.url),
 *   grid: { fast: [5, 10, 20], slow: [30, 60] },
 * });
 */
export async function sweep<Result>(options: SweepOptions): Promise<SweepRow<Result>[]> {
  const { module, grid, signal, onResult, workers = Math.max(1, availableParallelism() - 1) } = options;
  if (!Number.isSafeInteger(workers) || workers < 1)
    throw new ValidationError('sweep.workers', `A sweep runs in at least one thread, got ${workers}.`);
  signal?.throwIfAborted();
  const sets = parameterSets(grid);
  const rows = new Array<SweepRow<Result>>(sets.length);
  const span: SweepSpan = {
    ...(options.fromMs === undefined ? {} : { fromMs: options.fromMs }),
    ...(options.toMs === undefined ? {} : { toMs: options.toMs }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.data === undefined ? {} : { data: options.data }),
  };
  const threads: Worker[] = [];
  let next = 0;
  let done = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      for (let count = 0; count < Math.min(workers, sets.length); count += 1) {
        const thread = startThread({ module: module.href, span });
        threads.push(thread);
        const give = (): void => {
          const parameters = sets[next];
          if (parameters !== undefined) thread.postMessage({ index: next, parameters } satisfies SweepTask);
          next += 1;
        };
        thread.on('message', ({ index, result, failure }: SweepAnswer) => {
          const parameters = sets[index] as ParameterSet;
          rows[index] = failure === undefined ? { parameters, result: result as Result } : { parameters, failure };
          done += 1;
          onResult?.(done, sets.length);
          if (done === sets.length) resolve();
          else give();
        });
        const ended = (reason: string): void =>
          reject(new PerpDeskError('sweep.thread', `A thread of the sweep ended: ${reason}.`));
        thread.on('error', (error: Error) => ended(error.message));
        thread.on('exit', (code) => ended(`exit code ${code}`));
        give();
      }
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return rows;
}

function startThread(workerData: SweepThread): Worker {
  return new Worker(new URL(fromSource ? './sweep-worker.ts' : './sweep-worker.js', import.meta.url), {
    workerData,
    execArgv: fromSource ? ['--conditions=@perpdesk/source', '--no-warnings'] : [],
    name: 'perpdesk-sweep',
  });
}

/** Copies columns to memory that threads share, so that `data` of a sweep is not copied to each of them. */
export function shareColumns<Columns extends Readonly<Record<string, Float64Array | number>>>(
  columns: Columns,
): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      if (typeof column === 'number') return [name, column];
      const shared = new Float64Array(new SharedArrayBuffer(column.byteLength));
      shared.set(column);
      return [name, shared];
    }),
  ) as Columns;
}
