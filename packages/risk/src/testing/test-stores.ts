import { type TestDatabaseKind, testDatabases } from '@perpdesk/core/testing';
import { MemoryRiskStateStore } from '../state/memory-risk-state-store.ts';
import type { RiskStateStore } from '../state/risk-state-store.ts';
import { SqlRiskStateStore } from '../state/sql-risk-state-store.ts';

/** An empty store and what throws it away. */
export interface TestStore {
  readonly store: RiskStateStore;
  drop(): Promise<void>;
}

async function memory(): Promise<TestStore> {
  return { store: new MemoryRiskStateStore(), drop: async () => {} };
}

const inDatabase = ({ title, available, make }: TestDatabaseKind) => ({
  title,
  available,
  make: async (): Promise<TestStore> => {
    const files = await make();
    return { store: new SqlRiskStateStore({ database: await files.open() }), drop: () => files.drop() };
  },
});

const [file, , postgres] = await testDatabases();

/** Memory and SQLite always; PostgreSQL where a server answers, else skipped by its name. */
export const testStores: readonly {
  readonly title: string;
  readonly available: boolean;
  readonly make: () => Promise<TestStore>;
}[] = [
  { title: 'memory', available: true, make: memory },
  ...[file, postgres].flatMap((kind) => (kind === undefined ? [] : [inDatabase(kind)])),
];
