import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { MemoryRiskStateStore } from '../state/memory-risk-state-store.ts';
import type { RiskStateStore } from '../state/risk-state-store.ts';
import { SqlRiskStateStore } from '../state/sql-risk-state-store.ts';

/** An empty store and what throws it away. */
export interface TestStore {
  readonly store: RiskStateStore;
  drop(): Promise<void>;
}

const server = process.env.PERPDESK_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/postgres';
let made = 0;

async function memory(): Promise<TestStore> {
  return { store: new MemoryRiskStateStore(), drop: async () => {} };
}

async function sqlite(): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'perpdesk-risk-'));
  const database = await openDatabase({ url: `sqlite:${join(folder, 'desk.db')}` });
  const drop = async () => {
    await database.close();
    await rm(folder, { recursive: true });
  };
  return { store: new SqlRiskStateStore({ database }), drop };
}

async function postgres(): Promise<TestStore> {
  made += 1;
  const schema = `perpdesk_risk_${process.pid}_${made}`;
  const admin = await openDatabase({ url: server });
  await sql`create schema ${sql.id(schema)}`.execute(admin.kysely);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  const database = await openDatabase({ url: url.href });
  const drop = async () => {
    await database.close();
    await sql`drop schema ${sql.id(schema)} cascade`.execute(admin.kysely);
    await admin.close();
  };
  return { store: new SqlRiskStateStore({ database }), drop };
}

const reachable = await openDatabase({ url: server }).then(
  async (database) => {
    const answers = await sql`select 1`.execute(database.kysely).then(
      () => true,
      () => false,
    );
    await database.close();
    return answers;
  },
  () => false,
);

/** Memory and SQLite always; PostgreSQL where a server answers, else skipped by its name. */
export const testStores: readonly {
  readonly title: string;
  readonly available: boolean;
  readonly make: () => Promise<TestStore>;
}[] = [
  { title: 'memory', available: true, make: memory },
  { title: 'SQLite', available: true, make: sqlite },
  {
    title: reachable ? 'PostgreSQL' : 'PostgreSQL (no server answers: set PERPDESK_TEST_POSTGRES)',
    available: reachable,
    make: postgres,
  },
];
