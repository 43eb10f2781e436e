// Run by crash.test.ts as a process of its own: one workflow of three steps, killed from inside at a named point.
import { appendFileSync } from 'node:fs';
import { SystemClock } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { LocalWorkflowEngine } from './local-workflow-engine.ts';

const [url = '', effects = '', killAt = ''] = process.argv.slice(2);
const die = (point: string): void => {
  if (point === killAt) process.kill(process.pid, 'SIGKILL');
};

const database = await openDatabase({ url });
const clock = new SystemClock();
const engine = new LocalWorkflowEngine({ database, clock });
engine.define({
  name: 'trade',
  version: 1,
  run: async (context) => {
    for (const step of ['prepare', 'place', 'settle']) {
      die(`before ${step}`);
      await context.step(step, async () => {
        appendFileSync(effects, `${step} ${context.id(step)}\n`);
        die(`in ${step}`);
      });
      die(`after ${step}`);
    }
    return 'settled';
  },
});
if ((await engine.recover()) === 0) await engine.start('trade', 'run-1', null);
for (;;) {
  const run = await engine.get('run-1');
  if (run?.status !== 'running') {
    process.stdout.write(`${run?.status} ${run?.result ?? run?.error}`);
    break;
  }
  await clock.sleep(5);
}
await engine.close();
await database.close();
