import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Sabotage } from './sabotage.ts';
import type { SimulationResult } from './simulate-desk.ts';

/** Which seeds to run, and how. */
export interface SimulationOrder {
  readonly seeds: readonly number[];
  readonly sabotage?: Sabotage;
  readonly timeoutMs?: number;
  readonly faultyMs?: number;
  /** Default: a thread for each processor. */
  readonly threads?: number;
  /** No seed is begun after so long, ms of the machine's time. Default: all are run. */
  readonly withinMs?: number;
  /** Called with each run as it ends. */
  readonly onRun?: (result: SimulationResult) => void;
}

/** Runs many seeds on several threads. A run that throws is one that failed. Results in the order of their seeds. */
export async function simulateDesks(order: SimulationOrder): Promise<readonly SimulationResult[]> {
  const { faultyMs, onRun, sabotage, seeds, threads = availableParallelism(), timeoutMs, withinMs } = order;
  const waiting = [...seeds];
  const results: SimulationResult[] = [];
  const until = withinMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + withinMs;
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), {
        workerData: { faultyMs, sabotage, timeoutMs },
        execArgv: ['--conditions=@perpdesk/source'],
      });
      const next = (): void => {
        const seed = performance.now() < until ? waiting.shift() : undefined;
        if (seed === undefined) void worker.terminate().then(() => resolve());
        else worker.postMessage(seed);
      };
      worker.on('message', (said: SimulationResult | { readonly seed: number; readonly failure: string }) => {
        const result = 'failure' in said ? failed(said.seed, said.failure) : said;
        results.push(result);
        onRun?.(result);
        next();
      });
      worker.on('error', reject);
      next();
    });
  await Promise.all(Array.from({ length: Math.min(threads, seeds.length) }, run));
  return results.sort((a, b) => a.seed - b.seed);
}

const failed = (seed: number, message: string): SimulationResult => ({
  ...{ seed, digest: '', trades: 0, fills: 0, events: 0, limitChecks: 0, simulatedMs: 0 },
  ...{ last: [], faults: new Map(), spells: [], violations: [{ kind: 'exception', atMs: 0, message }] },
});
