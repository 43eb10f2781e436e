// Run by the outbox's crash test: takes events until it is killed. Arguments: database URL, file to note deliveries in.
import { appendFileSync, writeSync } from 'node:fs';
import { SystemClock } from '../clock/system-clock.ts';
import { OutboxEventBus, openDatabase } from '../database/index.ts';
import { testIds } from './test-ids.ts';

const [url = '', notes = ''] = process.argv.slice(2);
const database = await openDatabase({ url });
const clock = new SystemClock();
const bus = new OutboxEventBus({ database, clock, ids: testIds('child', clock), cursorEveryEvents: 10 });
await bus.start();
bus.subscribe({ group: 'quick', types: ['limit.warned'] }, ({ key, payload }) =>
  appendFileSync(notes, `quick ${key} ${payload.actual}\n`),
);
// Gets through nothing but the first event of each key: what is committed after them is not handled when the end comes.
const stuck = new Set<string>();
bus.subscribe({ group: 'slow', types: ['limit.warned'] }, ({ key, payload }) => {
  if (stuck.has(key)) return new Promise<void>(() => {});
  stuck.add(key);
  appendFileSync(notes, `slow ${key} ${payload.actual}\n`);
});
for (let index = 0; index < 40; index += 1) {
  const key = index % 2 === 0 ? 'ann' : 'bob';
  await bus.publish({
    id: `event-${index}`,
    type: 'limit.warned',
    key,
    payload: { userId: key, limit: 'daily-loss', percent: 50, actual: String(index) },
  });
}
// Committed, and the parent kills before another turn of the loop can write a cursor.
writeSync(1, 'published\n');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
