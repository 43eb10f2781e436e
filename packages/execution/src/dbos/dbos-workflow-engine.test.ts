import { type Logger, SimulatedClock } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { type WorkflowEngineHarness, workflowEngineContract } from '@perpdesk/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalWorkflowEngine } from '../workflow-engine/local-workflow-engine.ts';
import { DbosWorkflowEngine } from './dbos-workflow-engine.ts';
import { dbosTemplate, type OwnDatabase, ownDatabase, postgresForTests } from './testing/own-database.ts';

const startAtMs = 1_700_000_000_000;
const leaseMs = 60_000;
const { available, title } = await postgresForTests();

let template: OwnDatabase;
beforeAll(async () => {
  if (available) template = await dbosTemplate();
});
afterAll(() => template?.drop());

async function makeHarness(): Promise<WorkflowEngineHarness> {
  const files = await ownDatabase(template);
  const clock = new SimulatedClock({ startAtMs });
  let engine: DbosWorkflowEngine | undefined;
  return {
    clock,
    leaseMs,
    open: async (ownerId = 'local') => {
      await engine?.close({ abandon: true });
      engine = new DbosWorkflowEngine({ database: await files.open(), url: files.url, clock, ownerId, leaseMs });
      await engine.open();
      return engine;
    },
    close: async () => {
      await engine?.close();
      await files.drop();
    },
  };
}

describe.skipIf(!available)(`DbosWorkflowEngine on ${title}`, () => {
  for (const { name, run, sideBySide } of workflowEngineContract)
    it.skipIf(sideBySide)(sideBySide ? `${name} (between processes: side-by-side.test.ts)` : name, () =>
      run(makeHarness),
    );
});

describe.skipIf(!available)('DbosWorkflowEngine', () => {
  it('behavior: closing waits for the step in flight, lets go of the clock and leaves runs to the next engine', async () => {
    const files = await ownDatabase(template);
    const clock = new SimulatedClock({ startAtMs });
    const [stuck, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const calls: string[] = [];
    const open = async (life: string): Promise<DbosWorkflowEngine> => {
      const engine = new DbosWorkflowEngine({ database: await files.open(), url: files.url, clock });
      engine.define({
        name: 'w',
        version: 1,
        run: async (context) => {
          await context.step('slow', async () => {
            begun.resolve();
            if (life === 'first') await stuck.promise;
            calls.push(`slow ${life}`);
          });
          return context.receive('go');
        },
      });
      return engine;
    };
    const first = await open('first');
    await first.start('w', 'run-1', null);
    await begun.promise;
    const closing = first.close();
    expect(calls).toEqual([]);
    stuck.resolve();
    await closing;
    expect([calls, first.asService().health().status, clock.nextTimerAtMs()]).toEqual([
      ['slow first'],
      'stopped',
      undefined,
    ]);
    const second = await open('second');
    expect(await second.recover()).toBe(1);
    await second.signal('run-1', 'go', 'gone on', 'key');
    await clock.idle();
    expect([(await second.get('run-1'))?.result, calls]).toEqual(['gone on', ['slow first', 'slow second']]);
    await second.close();
    await files.drop();
  });

  it('behavior: ids are those of the local engine; what DBOS says goes to the desk, a failed run once', async () => {
    const files = await ownDatabase(template);
    const clock = new SimulatedClock({ startAtMs });
    const told: string[] = [];
    const note =
      (level: string) =>
      (_: unknown, message = '') =>
        void told.push(`${level} ${message}`);
    const logger: Logger = {
      ...{ debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
      child: () => logger,
    };
    const database = await files.open();
    const dbos = new DbosWorkflowEngine({ database, url: files.url, clock, logger });
    const local = new LocalWorkflowEngine({ database: await openDatabase({ url: 'sqlite::memory:' }), clock });
    for (const engine of [dbos, local]) {
      engine.define({ name: 'w', version: 1, run: async (context) => context.id('place') });
      engine.define({
        name: 'fails',
        version: 1,
        run: async () => {
          throw new TypeError('no such thing');
        },
      });
      await engine.start('w', 'run-1', null);
      await engine.start('fails', 'run-2', null);
    }
    await clock.idle();
    expect((await dbos.get('run-1'))?.result).toBe((await local.get('run-1'))?.result);
    expect(await dbos.get('run-2')).toEqual(await local.get('run-2'));
    expect(told.filter((line) => line.startsWith('error'))).toEqual(['error a workflow failed']);
    expect(told).toContain('debug DBOS launched!');
    await Promise.all([dbos.close(), local.close()]);
    await files.drop();
  });

  it('error: a second engine in the process, SQLite, a workflow defined after the launch, a closed engine', async () => {
    const files = await ownDatabase(template);
    const clock = new SimulatedClock({ startAtMs });
    const database = await files.open();
    const first = new DbosWorkflowEngine({ database, url: files.url, clock });
    await first.open();
    const second = new DbosWorkflowEngine({ database, url: files.url, clock });
    await expect(second.open()).rejects.toMatchObject({ name: 'ConfigError', code: 'workflow.one-engine' });
    await using sqlite = await openDatabase({ url: 'sqlite::memory:' });
    const embedded = new DbosWorkflowEngine({ database: sqlite, url: files.url, clock });
    await expect(embedded.open()).rejects.toMatchObject({ code: 'workflow.needs-postgres' });
    await first.recover();
    first.define({ name: 'late', version: 1, run: async () => {} });
    await expect(first.start('late', 'run-1', null)).rejects.toMatchObject({ code: 'workflow.defined-late' });
    await first.close();
    await expect(first.get('run-1')).rejects.toMatchObject({ code: 'workflow.closed' });
    // The process has DBOS for itself again.
    expect(await second.recover()).toBe(0);
    await second.close();
    await files.drop();
  });
});
