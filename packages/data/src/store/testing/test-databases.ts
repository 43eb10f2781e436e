// For tests: the databases a user may have, real ones.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@perpdesk/core/database';
import pg from 'pg';

/** An empty database that can be opened again and is thrown away by `drop`. */
export interface TestDatabase {
  readonly dialect: 'sqlite' | 'postgres';
  open(): Promise<Database>;
  drop(): Promise<void>;
}

const server = process.env.PERPDESK_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/postgres';
let made = 0;

async function query(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function opener(dialect: TestDatabase['dialect'], url: string, discard: () => Promise<void>): TestDatabase {
  const opened: Database[] = [];
  return {
    dialect,
    open: async () => {
      const database = await openDatabase({ url, durability: 'normal' });
      opened.push(database);
      return database;
    },
    drop: async () => {
      for (const database of opened) await database.close();
      await discard();
    },
  };
}

async function sqlite(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'perpdesk-store-'));
  return opener('sqlite', `sqlite:${join(folder, 'market.db')}`, async () => rmSync(folder, { recursive: true }));
}

async function postgres(): Promise<TestDatabase> {
  made += 1;
  const schema = `perpdesk_store_${process.pid}_${made}`;
  await query(`drop schema if exists ${schema} cascade; create schema ${schema}`);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return opener('postgres', url.href, () => query(`drop schema ${schema} cascade`));
}

const reachable = await query('select 1').then(
  () => true,
  () => false,
);

/** SQLite always; PostgreSQL where a server answers, else skipped by its name. */
export const testDatabases = [
  { title: 'SQLite', available: true, make: sqlite },
  {
    title: reachable ? 'PostgreSQL' : 'PostgreSQL (no server answers: set PERPDESK_TEST_POSTGRES)',
    available: reachable,
    make: postgres,
  },
];
