// For tests: the databases that users have, real ones.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type Database, type DatabaseOptions, openDatabase } from '../database/index.ts';

/** An empty database that may be opened more than once. */
export interface TestDatabase {
  readonly url: string;
  open(options?: Omit<DatabaseOptions, 'url'>): Promise<Database>;
  /** Closes what was opened and throws everything away. */
  drop(): Promise<void>;
}

/** A kind of database to run tests on. */
export interface TestDatabaseKind {
  /** For the name of a test: says why it is skipped where it is. */
  readonly title: string;
  readonly available: boolean;
  make(): Promise<TestDatabase>;
}

const serverUrl = (): string => process.env.PERPDESK_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/postgres';
let answers: Promise<boolean> | undefined;

/** Runs one statement on the test server. */
async function onServer(statement: string): Promise<void> {
  await using database = await openDatabase({ url: serverUrl(), connections: 1 });
  await sql.raw(statement).execute(database.kysely);
}

function opened(url: string, throwAway: () => Promise<void>): TestDatabase {
  const databases: Database[] = [];
  return {
    url,
    open: async (options = {}) => {
      const database = await openDatabase({ ...options, url });
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

/** A schema of its own on the test server. */
async function postgres(): Promise<TestDatabase> {
  const schema = `perpdesk_test_${process.pid}_${randomUUID().slice(0, 8)}`;
  await onServer(`create schema ${schema}`);
  const url = new URL(serverUrl());
  url.searchParams.set('options', `-c search_path=${schema}`);
  return opened(url.href, () => onServer(`drop schema ${schema} cascade`));
}

/**
 * SQLite in a file and in memory, and PostgreSQL: at `PERPDESK_TEST_POSTGRES`, else on this machine, in a schema that
 * `drop` removes. Where no server answers it is there all the same, not available, and its title says so.
 *
 * @example
 * describe.each(await testDatabases())('MyStore on $title', ({ available, make }) => {
 *   it.skipIf(!available)('default', async () => {
 *     const database = await make();
 *   });
 * });
 */
export async function testDatabases(): Promise<readonly TestDatabaseKind[]> {
  answers ??= onServer('select 1').then(
    () => true,
    () => false,
  );
  const available = await answers;
  return [
    { title: 'SQLite file', available: true, make: sqliteFile },
    { title: 'SQLite in memory', available: true, make: sqliteMemory },
    {
      title: available ? 'PostgreSQL' : 'PostgreSQL (no server answers: set PERPDESK_TEST_POSTGRES)',
      available,
      make: postgres,
    },
  ];
}
