// Run by side-by-side.test.ts as a process of its own: one engine, which does what it is told line by line on its standard
// input and answers each line with one.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type JsonValue, SystemClock } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { DbosWorkflowEngine } from './dbos-workflow-engine.ts';

const [url = '', effects = '', ownerId = '', leaseMs = '60000'] = process.argv.slice(2);
const database = await openDatabase({ url, connections: 3 });
const clock = new SystemClock();
const engine = new DbosWorkflowEngine({ database, url, clock, ownerId, leaseMs: Number(leaseMs) });
const note = (what: string): void => appendFileSync(effects, `${what} by ${ownerId}\n`);
let goOn = (): void => {};
engine.define({
  name: 'once',
  version: 1,
  run: async (context) => context.step('once', () => note(`once ${context.runId}`)),
});
engine.define({
  name: 'place',
  version: 1,
  run: async (context) => {
    await context.step('place', async () => {
      note(`place ${context.id('place')}`);
      // The first process is stuck in its call until it is told.
      if (ownerId === 'a')
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
    });
    return context.step('after', () => {
      note('after');
      return ownerId;
    });
  },
});
engine.define({ name: 'listen', version: 1, run: async (context) => (await context.receive('news')) ?? null });

/** What a run has come to. */
const ended = async (id: string): Promise<JsonValue> => {
  for (;;) {
    const run = await engine.get(id);
    if (run !== undefined && run.status !== 'running') return [run.status, run.result ?? null];
    await clock.sleep(20);
  }
};

const commands: Record<string, (word: string, id: string) => Promise<JsonValue>> = {
  race: async (name) => {
    const starts = Array.from({ length: 10 }, (_, index) => engine.start(name, `run-${index}`, null));
    return (await Promise.all(starts)).length;
  },
  start: async (name, id) => (await engine.start(name, id, null)).status,
  recover: () => engine.recover(),
  ended: (id) => ended(id),
  signal: async (id) => engine.signal(id, 'news', ownerId, 'key').then(() => null),
  cancel: async (id) => engine.cancel(id).then(() => null),
  goOn: async () => {
    goOn();
    return null;
  },
  close: async () => {
    await engine.close();
    await database.close();
    return null;
  },
};

await engine.open();
process.stdout.write('open\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', word = '', id = ''] = line.split(' ');
  process.stdout.write(`${JSON.stringify((await commands[command]?.(word, id)) ?? null)}\n`);
  if (command === 'close') process.exit();
}
