// For tests: the databases that users have, real ones.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../database/index.ts';

/** An empty database that may be opened more than once. */
export interface TestDatabase {
  readonly url: string;
  open(): Promise<Database>;
  /** Closes what was opened and throws everything away. */
  drop(): Promise<void>;
}

const server = process.env.PERPDESK_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/postgres';
let made = 0;

/** Runs one statement on the test server. */
export async function onServer(statement: string): Promise<void> {
  await using database = await openDatabase({ url: server });
  await sql.raw(statement).execute(database.kysely);
}

function opened(url: string, throwAway: () => Promise<void>): TestDatabase {
  const databases: Database[] = [];
  return {
    url,
    open: async () => {
      const database = await openDatabase({ url });
      databases.push(database);
      return database;
    },
    drop: async () => {
      for (const database of databases) await database.close();
      await throwAway();
    },
  };
}

async function sqliteFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'perpdesk-database-'));
  return opened(`sqlite:${join(folder, 'test.db')}`, () => rm(folder, { recursive: true }));
}

/** In memory: opened again it is the same while it is open. */
async function sqliteMemory(): Promise<TestDatabase> {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  return { url: 'sqlite::memory:', open: async () => database, drop: () => database.close() };
}

async function postgres(): Promise<TestDatabase> {
  made += 1;
  const schema = `perpdesk_database_${process.pid}_${made}`;
  await onServer(`create schema ${schema}`);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return opened(url.href, () => onServer(`drop schema ${schema} cascade`));
}

/** Whether a PostgreSQL server answers. */
export const postgresAnswers = await onServer('select 1').then(
  () => true,
  () => false,
);

/** Each database by title; PostgreSQL is to be skipped by its title where no server answers. */
export const testDatabases: readonly {
  readonly title: string;
  readonly available: boolean;
  readonly make: () => Promise<TestDatabase>;
}[] = [
  { title: 'SQLite file', available: true, make: sqliteFile },
  { title: 'SQLite in memory', available: true, make: sqliteMemory },
  {
    title: postgresAnswers ? 'PostgreSQL' : 'PostgreSQL (no server answers: set PERPDESK_TEST_POSTGRES)',
    available: postgresAnswers,
    make: postgres,
  },
];
