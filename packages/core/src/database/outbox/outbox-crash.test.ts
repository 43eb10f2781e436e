import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testDatabases } from '../../testing/test-databases.ts';
import { testClock, testIds } from '../../testing/test-ids.ts';
import { OutboxEventBus } from './outbox-event-bus.ts';

const child = fileURLToPath(new URL('../../testing/crash-child.ts', import.meta.url));
const [sqlite] = await testDatabases();

describe('OutboxEventBus after kill -9', () => {
  it('behavior: killed between commit and handling, it delivers every event at least once, in order per key', async () => {
    if (sqlite === undefined) return expect.unreachable();
    const files = await sqlite.make();
    const notes = `${files.url.slice('sqlite:'.length)}.notes`;
    const process_ = spawn(process.execPath, ['--conditions=@perpdesk/source', child, files.url, notes], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(process_.stdout, 'data');
    process_.kill('SIGKILL');
    expect((await once(process_, 'exit'))[1]).toBe('SIGKILL');

    const delivered = (await readFile(notes, 'utf8')).trim().split('\n');
    const before = (group: string) =>
      delivered.filter((line) => line.startsWith(`${group} `)).map((line) => Number(line.split(' ')[2]));
    expect(before('quick')).toHaveLength(40);
    expect(before('slow')).toEqual([0, 1]);

    const clock = testClock();
    const bus = new OutboxEventBus({ database: await files.open(), clock, ids: testIds() });
    await bus.start();
    const after = { quick: [] as number[], slow: [] as number[] };
    for (const group of ['quick', 'slow'] as const)
      bus.subscribe({ group, types: ['limit.warned'] }, ({ payload }) => {
        after[group].push(Number(payload.actual));
      });
    await clock.idle();
    const of = (numbers: readonly number[], parity: number) => numbers.filter((number) => number % 2 === parity);
    const all = Array.from({ length: 40 }, (_, index) => index);
    for (const parity of [0, 1]) {
      // The slow group handled the first event of each key; whether its cursor knew is open, what came after is not.
      expect(of(after.slow, parity).slice(-19)).toEqual(of(all, parity).slice(1));
      expect(of(after.slow, parity)).toEqual(of(all, parity).slice(20 - of(after.slow, parity).length));
      // The quick one had handled all; what its cursor did not know comes again, in order.
      expect(of(after.quick, parity)).toEqual(of(all, parity).slice(20 - of(after.quick, parity).length));
    }
    expect(after.quick.length).toBeLessThan(40);
    await bus.close();
    await files.drop();
  });
});
