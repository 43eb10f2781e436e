import { SimulatedClock } from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import { testDatabases, type WorkflowEngineHarness, workflowEngineContract } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { LocalWorkflowEngine } from './local-workflow-engine.ts';

const startAtMs = 1_700_000_000_000;
const leaseMs = 60_000;

function harnessOf(database: Database, open: () => Promise<Database>): WorkflowEngineHarness {
  const clock = new SimulatedClock({ startAtMs });
  const engines: LocalWorkflowEngine[] = [];
  const databases = [database];
  return {
    clock,
    leaseMs,
    open: async (ownerId = 'local') => {
      const mine = engines.length === 0 ? database : await open();
      if (mine !== database) databases.push(mine);
      const engine = new LocalWorkflowEngine({ database: mine, clock, ownerId, leaseMs });
      engines.push(engine);
      await engine.open();
      return engine;
    },
    close: async () => {
      for (const engine of engines) await engine.close();
      for (const opened of databases) await opened.close();
    },
  };
}

describe('LocalWorkflowEngine on SQLite', () => {
  for (const { name, run } of workflowEngineContract) {
    it(name, () =>
      run(async () => {
        // One handle for all: two on one file would wait for each other inside one process.
        const database = await openDatabase({ url: 'sqlite::memory:' });
        return harnessOf(database, async () => database);
      }),
    );
  }
});

for (const { title, available, make } of (await testDatabases()).filter(({ title }) =>
  title.startsWith('PostgreSQL'),
)) {
  describe.skipIf(!available)(`LocalWorkflowEngine on ${title}`, () => {
    for (const { name, run } of workflowEngineContract) {
      it(name, () =>
        run(async () => {
          const files = await make();
          const open = () => files.open({ connections: 3 });
          const harness = harnessOf(await open(), open);
          return { ...harness, close: () => harness.close().then(() => files.drop()) };
        }),
      );
    }
  });
}

describe('LocalWorkflowEngine', () => {
  it('behavior: a run whose journal fails for a moment waits and goes on, its done steps not repeated', async () => {
    const database = await openDatabase({ url: 'sqlite::memory:' });
    const clock = new SimulatedClock({ startAtMs });
    const engine = new LocalWorkflowEngine({ database, clock });
    const calls: string[] = [];
    engine.define({
      name: 'w',
      version: 1,
      run: async (context) => {
        await context.step('a', () => void calls.push('a'));
        await context.step('b', async () => {
          calls.push('b');
          if (calls.length === 2) await sql`alter table workflow_steps rename to hidden`.execute(database.kysely);
        });
        return 'done';
      },
    });
    await engine.start('w', 'run-1', null);
    await clock.idle();
    await sql`alter table hidden rename to workflow_steps`.execute(database.kysely);
    expect((await engine.get('run-1'))?.status).toBe('running');
    await clock.advanceBy(1_000);
    expect([(await engine.get('run-1'))?.result, calls]).toEqual(['done', ['a', 'b', 'b']]);
    await engine.close();
    await database.close();
  });

  it('behavior: closing lets go of the clock and leaves runs to the next engine', async () => {
    const database = await openDatabase({ url: 'sqlite::memory:' });
    const clock = new SimulatedClock({ startAtMs });
    const define = (engine: LocalWorkflowEngine): LocalWorkflowEngine => {
      engine.define({ name: 'w', version: 1, run: async (context) => context.receive('go') });
      return engine;
    };
    const first = define(new LocalWorkflowEngine({ database, clock }));
    await first.start('w', 'run-1', null);
    await clock.idle();
    await first.close();
    expect([first.asService().health().status, clock.nextTimerAtMs()]).toEqual(['stopped', undefined]);
    const second = define(new LocalWorkflowEngine({ database, clock }));
    expect(await second.recover()).toBe(1);
    await second.signal('run-1', 'go', 'gone on', 'key');
    await clock.idle();
    expect((await second.get('run-1'))?.result).toBe('gone on');
    await second.close();
    await database.close();
  });

  it('error: an engine whose name was taken over starts nothing more', async () => {
    const database = await openDatabase({ url: 'sqlite::memory:' });
    const clock = new SimulatedClock({ startAtMs });
    const first = new LocalWorkflowEngine({ database, clock });
    first.define({ name: 'w', version: 1, run: async (context) => context.receive('go') });
    await first.start('w', 'run-1', null);
    const second = new LocalWorkflowEngine({ database, clock });
    await second.open();
    await clock.advanceBy(leaseMs);
    await expect(first.start('w', 'run-2', null)).rejects.toMatchObject({ code: 'workflow.replaced' });
    expect(first.asService().health().status).toBe('failed');
    await Promise.all([first.close(), second.close()]);
    await database.close();
  });

  it('error: a definition given twice is refused', async () => {
    const database = await openDatabase({ url: 'sqlite::memory:' });
    const engine = new LocalWorkflowEngine({ database, clock: new SimulatedClock() });
    engine.define({ name: 'w', version: 1, run: async () => {} });
    expect(() => engine.define({ name: 'w', version: 1, run: async () => {} })).toThrow(/defined twice/);
    await database.close();
  });
});
