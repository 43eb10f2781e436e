// The workflow engines: ms per durable step (one run of steps that do nothing, one after another; medians of runs), and steps a
// second with many runs side by side; beside a bare insert of one row in the same run. SQLite in a file with synchronous NORMAL and FULL and PostgreSQL under the local engine,
// PostgreSQL under DBOS. Goal: at most 1 ms a durable step on SQLite. PERPDESK_TEST_POSTGRES names the server.
// Run: node --conditions=@perpdesk/source bench/workflow.bench.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../packages/core/src/database/index.ts';
import { median, SystemClock, type WorkflowEngine } from '../packages/core/src/index.ts';
import { DbosWorkflowEngine } from '../packages/execution/src/dbos/dbos-workflow-engine.ts';
import {
  type OwnDatabase,
  ownDatabase,
  postgresForTests,
} from '../packages/execution/src/dbos/testing/own-database.ts';
import { LocalWorkflowEngine } from '../packages/execution/src/workflow-engine/local-workflow-engine.ts';

const clock = new SystemClock();
const steps = 200;
const together = 100;

type Engine = WorkflowEngine & { close(): Promise<void> };

/** ms to insert one row and commit it: what a durable step can not be faster than on this disk at this hour. */
async function bareInsert(database: Database): Promise<number> {
  const kysely = database.as<{ bare: { id: number; data: string } }>();
  await kysely.schema.createTable('bare').addColumn('id', 'integer').addColumn('data', 'text').execute();
  const times: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const startedAt = performance.now();
    for (let index = 0; index < steps; index += 1)
      await kysely.insertInto('bare').values({ id: index, data: '{}' }).execute();
    times.push((performance.now() - startedAt) / steps);
  }
  return median(times) ?? Number.NaN;
}

async function bench(title: string, database: Database, engine: Engine): Promise<void> {
  const ends = new Map<string, () => void>();
  engine.define({
    name: 'steps',
    version: 1,
    run: async (context, count) => {
      for (let index = 0; index < Number(count); index += 1) await context.step(`step-${index}`, () => index);
      ends.get(context.runId)?.();
    },
  });
  const run = async (id: string, count: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.set(id, resolve);
    await engine.start('steps', id, count);
    await promise;
  };
  const bareMs = await bareInsert(database);
  await engine.recover();
  await run('warm', 50);
  const times: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const startedAt = performance.now();
    await run(`alone-${round}`, steps);
    times.push((performance.now() - startedAt) / steps);
  }
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: together }, (_, index) => run(`together-${index}`, 20)));
  const perSecond = (together * 20) / ((performance.now() - startedAt) / 1000);
  const stepMs = median(times) ?? Number.NaN;
  console.log(
    `${title.padEnd(20)} ${stepMs.toFixed(3)} ms/step alone (best ${Math.min(...times).toFixed(3)}), ${(stepMs / bareMs).toFixed(1)} bare inserts of ${bareMs.toFixed(3)} ms, ${perSecond.toFixed(0)} steps/s in ${together} runs`,
  );
  await engine.close();
  await database.close();
}

const folder = mkdtempSync(join(tmpdir(), 'perpdesk-bench-'));
for (const durability of ['normal', 'full'] as const) {
  const database = await openDatabase({ url: `sqlite:${join(folder, `${durability}.db`)}`, durability });
  await bench(`local, SQLite ${durability.toUpperCase()}`, database, new LocalWorkflowEngine({ database, clock }));
}
rmSync(folder, { recursive: true });

const postgres = await postgresForTests();
if (!postgres.available) console.log(`skipped: ${postgres.title}`);
const onPostgres = async (title: string, make: (database: Database, url: string) => Engine): Promise<void> => {
  const own: OwnDatabase = await ownDatabase();
  try {
    const database = await openDatabase({ url: own.url });
    await bench(title, database, make(database, own.url));
  } finally {
    await own.drop();
  }
};
if (postgres.available) {
  await onPostgres('local, PostgreSQL', (database) => new LocalWorkflowEngine({ database, clock }));
  await onPostgres('DBOS, PostgreSQL', (database, url) => new DbosWorkflowEngine({ database, url, clock }));
}
