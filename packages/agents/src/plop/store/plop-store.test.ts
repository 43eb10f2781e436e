import type { PredictionAssessment } from '@perpdesk/core';
import { type TestDatabaseKind, testDatabases, testStartAtMs } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleAssessment } from '../testing/example-assessment.ts';
import { MemoryPlopStore } from './memory-plop-store.ts';
import type { PlopStore } from './plop-store.ts';
import { SqlPlopStore } from './sql-plop-store.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface TestStore {
  readonly store: PlopStore;
  /** The same rows, opened anew. */
  readonly again: () => Promise<PlopStore>;
  readonly drop: () => Promise<void>;
}
const inMemory = async (): Promise<TestStore> => {
  const store = new MemoryPlopStore();
  return { store, again: async () => store, drop: async () => {} };
};
const inDatabase = ({ title, available, make }: TestDatabaseKind) => ({
  title,
  available,
  make: async (): Promise<TestStore> => {
    const files = await make();
    const open = async (): Promise<PlopStore> => new SqlPlopStore({ database: await files.open() });
    return { store: await open(), again: open, drop: () => files.drop() };
  },
});
const stores = [{ title: 'memory', available: true, make: inMemory }, ...(await testDatabases()).map(inDatabase)];

const of = (contractId: string, changes: Partial<PredictionAssessment> = {}): PredictionAssessment =>
  exampleAssessment({ contractId, ...changes });

describe.each(stores)('PlopStore: $title', ({ available, make }) => {
  const using = async (test: (made: TestStore) => Promise<void>): Promise<void> => {
    const made = await make();
    try {
      await made.store.open();
      await made.store.open();
      await test(made);
    } finally {
      await made.drop();
    }
  };

  it.runIf(available)('default: what was kept waits, is settled, and teaches after a restart', () =>
    using(async ({ store, again }) => {
      const first = of('kalshi:A');
      const second = of('kalshi:A', { atMs: testStartAtMs + dayMs });
      expect(await store.keep(first)).toBe(true);
      expect(await store.keep(second)).toBe(true);
      expect(await store.waiting('kalshi:A')).toEqual([first, second]);
      await store.settle('kalshi:A', 'yes', testStartAtMs + 2 * dayMs);
      await store.settle('kalshi:A', 'no', testStartAtMs + 3 * dayMs);
      const after = await again();
      await after.open();
      expect(await after.waiting('kalshi:A')).toEqual([]);
      expect(await after.settled({ venue: 'kalshi', limit: 10 })).toEqual([
        { assessment: first, outcome: 'yes' },
        { assessment: second, outcome: 'yes' },
      ]);
      expect(await after.settled({ venue: 'polymarket', limit: 10 })).toEqual([]);
    }),
  );

  it.runIf(available)('behavior: one a contract and UTC day, the first', () =>
    using(async ({ store }) => {
      const first = of('kalshi:A');
      expect(await store.keep(first)).toBe(true);
      expect(await store.keep(first)).toBe(false);
      expect(await store.keep(of('kalshi:A', { atMs: testStartAtMs + 1, probability: 0.5, edge: 0.1 }))).toBe(false);
      expect(await store.keep(of('kalshi:B'))).toBe(true);
      expect(await store.waiting('kalshi:A')).toEqual([first]);
    }),
  );

  it.runIf(available)('behavior: hands out what is due, the longest unasked first, each once', () =>
    using(async ({ store }) => {
      const soon = { closesAtMs: testStartAtMs + hourMs };
      await store.keep(of('kalshi:B', { ...soon, atMs: testStartAtMs + 1 }));
      await store.keep(of('kalshi:A', soon));
      await store.keep(of('kalshi:LATER'));
      await store.keep(of('kalshi:DONE', soon));
      await store.settle('kalshi:DONE', 'no', testStartAtMs);
      const take = (atMs: number, limit = 10) =>
        store.take({
          atMs,
          closedBeforeMs: atMs - hourMs / 2,
          openBeforeMs: atMs - 12 * hourMs,
          givenUpBeforeMs: atMs - 90 * dayMs,
          limit,
        });
      expect(await take(testStartAtMs + hourMs - 1)).toEqual([]);
      expect(await take(testStartAtMs + 2 * hourMs, 1)).toEqual(['kalshi:A']);
      expect(await take(testStartAtMs + 2 * hourMs)).toEqual(['kalshi:B']);
      expect(await take(testStartAtMs + 2 * hourMs + 60_000)).toEqual([]);
      // What is still open may be decided early: twice a day.
      expect(await take(testStartAtMs + 13 * hourMs)).toEqual(['kalshi:LATER', 'kalshi:A', 'kalshi:B']);
      expect(await take(testStartAtMs + 101 * dayMs)).toEqual([]);
    }),
  );

  it.runIf(available)('behavior: void teaches nothing; of many the last settled, oldest first', () =>
    using(async ({ store }) => {
      for (const [index, outcome] of (['yes', 'void', 'no', 'yes'] as const).entries()) {
        await store.keep(of(`kalshi:${index}`));
        await store.settle(`kalshi:${index}`, outcome, testStartAtMs + 10 - index);
      }
      const settled = await store.settled({ venue: 'kalshi', limit: 2 });
      expect(settled.map(({ assessment, outcome }) => [assessment.contractId, outcome])).toEqual([
        ['kalshi:2', 'no'],
        ['kalshi:0', 'yes'],
      ]);
    }),
  );
});
