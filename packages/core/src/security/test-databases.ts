// For tests: the databases a user may have, real ones.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Database } from '../database/database.ts';
import { openDatabase } from '../database/open-database.ts';

/** An empty database that can be opened more than once and is thrown away by `drop`. */
export interface TestDatabase {
  open(): Promise<Database>;
  drop(): Promise<void>;
}

const server = process.env.PERPDESK_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/postgres';
let made = 0;

async function sqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'perpdesk-security-'));
  const opened: Database[] = [];
  return {
    open: async () => {
      const database = await openDatabase({ url: `sqlite:${join(folder, 'test.db')}`, durability: 'normal' });
      opened.push(database);
      return database;
    },
    drop: async () => {
      for (const database of opened) await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function query(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function postgres(): Promise<TestDatabase> {
  const schema = `perpdesk_security_${process.pid}_${(made += 1)}`;
  await query(`drop schema if exists ${schema} cascade; create schema ${schema}`);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  const opened: Database[] = [];
  return {
    open: async () => {
      const database = await openDatabase({ url: url.href, durability: 'normal' });
      opened.push(database);
      return database;
    },
    drop: async () => {
      for (const database of opened) await database.close();
      await query(`drop schema ${schema} cascade`);
    },
  };
}

const reachable = await query('select 1').then(
  () => true,
  () => false,
);

/** SQLite always; PostgreSQL where a server answers, else skipped by its name. */
export const testDatabases: readonly { readonly title: string; readonly available: boolean; readonly make: () => Promise<TestDatabase> }[] = [
  { title: 'SQLite', available: true, make: sqlite },
  { title: reachable ? 'PostgreSQL' : 'PostgreSQL (no server answers: set PERPDESK_TEST_POSTGRES)', available: reachable, make: postgres },
];
