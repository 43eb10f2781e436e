import { parentPort, workerData } from 'node:worker_threads';
import { simulateDesk } from './simulate-desk.ts';
import type { SimulationOrder } from './simulate-desks.ts';

/** A thread that runs seeds one after another, each as it is asked for. */
const options = workerData as Pick<SimulationOrder, 'faultyMs' | 'sabotage' | 'timeoutMs'>;
parentPort?.on('message', async (seed: number) => {
  try {
    parentPort?.postMessage(await simulateDesk(seed, options));
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parentPort?.postMessage({ seed, failure: said });
  }
});
