// A thread of the campaign over lost answers: runs the cases it is given, one after the other.
import { parentPort } from 'node:worker_threads';
import { duplicateCase, type Sabotage } from './duplicate-case.ts';
import { runDuplicateCase } from './run-duplicate-case.ts';

/** A case to be run. */
export interface DuplicateTask {
  readonly seed: string;
  readonly index: number;
  readonly sabotage?: Sabotage;
}

parentPort?.on('message', ({ seed, index, sabotage }: DuplicateTask) => {
  void runDuplicateCase(duplicateCase(seed, index, sabotage)).then(
    (run) => parentPort?.postMessage({ run }),
    (error: unknown) => parentPort?.postMessage({ failure: `run ${index} of ${seed}: ${String(error)}` }),
  );
});
