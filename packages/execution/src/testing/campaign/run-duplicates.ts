import { Worker } from 'node:worker_threads';
import { duplicateCase, type Sabotage } from './duplicate-case.ts';
import type { DuplicateTask } from './duplicates-thread.ts';
import { type DuplicateRun, runDuplicateCase } from './run-duplicate-case.ts';

/** Options of {@link runDuplicates}. */
export interface RunDuplicatesOptions {
  readonly seed: string;
  readonly runs: number;
  readonly sabotage?: Sabotage;
  /** Threads. Default 1, this one. */
  readonly threads?: number;
  readonly onRun?: (run: DuplicateRun, done: number) => void;
}

/** What a thread says. */
type Said = { readonly run: DuplicateRun } | { readonly failure: string };

/** Runs cases on simulated time, in any order; gives them back in that of their numbers' end. @throws Error when a run itself fails */
export async function runDuplicates(options: RunDuplicatesOptions): Promise<readonly DuplicateRun[]> {
  const { seed, runs, sabotage, threads = 1, onRun } = options;
  const done: DuplicateRun[] = [];
  const finish = (run: DuplicateRun): void => {
    done.push(run);
    onRun?.(run, done.length);
  };
  if (threads === 1) {
    for (let index = 0; index < runs; index += 1) finish(await runDuplicateCase(duplicateCase(seed, index, sabotage)));
    return done;
  }
  let next = 0;
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const thread = new Worker(new URL('./duplicates-thread.ts', import.meta.url), {
        execArgv: ['--conditions=@perpdesk/source', '--no-warnings'],
      });
      try {
        while (next < runs) {
          const index = next;
          next += 1;
          const said = await answerOf(thread, { seed, index, ...(sabotage === undefined ? {} : { sabotage }) });
          if ('failure' in said) throw new Error(said.failure);
          finish(said.run);
        }
      } finally {
        await thread.terminate();
      }
    }),
  );
  return done;
}

/** Runs cases on real time over loopback sockets, several at once. */
export async function runDuplicatesOnSockets(options: {
  readonly seed: string;
  readonly runs: number;
  readonly together?: number;
  readonly onRun?: (run: DuplicateRun, done: number) => void;
}): Promise<readonly DuplicateRun[]> {
  const { seed, runs, together = 3, onRun } = options;
  const done: DuplicateRun[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: together }, async () => {
      while (next < runs) {
        const index = next;
        next += 1;
        const run = await runDuplicateCase(duplicateCase(`${seed}-sockets`, index), 'real');
        done.push(run);
        onRun?.(run, done.length);
      }
    }),
  );
  return done;
}

function answerOf(thread: Worker, task: DuplicateTask): Promise<Said> {
  return new Promise((resolve, reject) => {
    const settle = (said: Said): void => {
      thread.off('error', reject);
      thread.off('exit', ended);
      resolve(said);
    };
    const ended = (code: number): void => reject(new Error(`a thread ended with ${code}`));
    thread.once('message', settle);
    thread.once('error', reject);
    thread.once('exit', ended);
    thread.postMessage(task);
  });
}
