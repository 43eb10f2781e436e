import { deltaChannelHistoryTests, specTest } from '@langchain/langgraph-checkpoint-validation';
import { SimulatedClock } from '@perpdesk/core';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import * as vitest from 'vitest';
import { openCheckpoints } from './open-checkpoints.ts';
import type { SqlCheckpointSaver } from './sql-checkpoint-saver.ts';

// LangGraph's suite takes these from the globals of whoever runs it.
const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } = vitest;
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it });
afterAll(() => {
  for (const name of ['afterAll', 'afterEach', 'beforeAll', 'beforeEach', 'describe', 'expect', 'it'])
    Reflect.deleteProperty(globalThis, name);
});

// In memory it is SQLite all the same.
const kinds = (await testDatabases()).filter(({ title }) => title !== 'SQLite in memory');
for (const { title, available, make } of kinds) {
  describe.skipIf(!available)(`SqlCheckpointSaver on ${title}`, () => {
    const made = new Map<SqlCheckpointSaver, TestDatabase>();
    const initializer = {
      checkpointerName: `SqlCheckpointSaver on ${title}`,
      createCheckpointer: async () => {
        const test = await make();
        const saver = await openCheckpoints({ database: await test.open(), clock: new SimulatedClock() });
        made.set(saver, test);
        return saver;
      },
      destroyCheckpointer: async (saver: SqlCheckpointSaver) => {
        await made.get(saver)?.drop();
        made.delete(saver);
      },
    };
    specTest(initializer);
    deltaChannelHistoryTests(initializer);
  });
}
