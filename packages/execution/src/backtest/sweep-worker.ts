// A thread of a sweep: loads the module and answers one combination after another.
import { parentPort, workerData } from 'node:worker_threads';
import { PerpDeskError } from '@perpdesk/core';
import type { ParameterSet } from './parameter-grid.ts';
import type { SweepAnswer, SweepTask, SweepThread } from './sweep.ts';
import { loadSweepModule } from './sweep-module.ts';

const { module, span } = workerData as SweepThread;
let loading: ReturnType<typeof loadSweepModule> | undefined;

async function answer(parameters: ParameterSet): Promise<Omit<SweepAnswer, 'index'>> {
  try {
    loading ??= loadSweepModule(module);
    const backtest = await loading;
    return { result: await backtest(parameters, span) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { failure: { code: PerpDeskError.is(error) ? error.code : 'sweep.failed', message } };
  }
}

parentPort?.on('message', ({ index, parameters }: SweepTask) => {
  void answer(parameters).then((result) => {
    try {
      parentPort?.postMessage({ index, ...result });
    } catch (error) {
      // A result with a function in it can not be cloned.
      parentPort?.postMessage({ index, failure: { code: 'sweep.result', message: String(error) } });
    }
  });
});
