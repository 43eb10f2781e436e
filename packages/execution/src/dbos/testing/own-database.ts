import { randomUUID } from 'node:crypto';
import { SimulatedClock } from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import { testDatabases } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { DbosWorkflowEngine } from '../dbos-workflow-engine.ts';

const serverUrl = (): string => process.env.PERPDESK_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/postgres';

/** A PostgreSQL database of a test's own, since DBOS makes its tables in a schema of a name that is given. */
export interface OwnDatabase {
  readonly name: string;
  readonly url: string;
  open(): Promise<Database>;
  /** Closes what was opened and removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/** Whether there is a server to test on, and its title, which says so. */
export async function postgresForTests(): Promise<{ readonly title: string; readonly available: boolean }> {
  const found = (await testDatabases()).find(({ title }) => title.startsWith('PostgreSQL'));
  return { title: found?.title ?? 'PostgreSQL', available: found?.available ?? false };
}

async function onServer(statement: string): Promise<void> {
  await using database = await openDatabase({ url: serverUrl(), connections: 1 });
  await sql.raw(statement).execute(database.kysely);
}

/** Makes a database: empty, or a copy of another. */
export async function ownDatabase(template?: OwnDatabase): Promise<OwnDatabase> {
  const name = `perpdesk_dbos_${process.pid}_${randomUUID().slice(0, 8)}`;
  await onServer(`create database ${name}${template === undefined ? '' : ` template ${template.name}`}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  const opened: Database[] = [];
  return {
    name,
    url: url.href,
    open: async () => {
      const database = await openDatabase({ url: url.href, connections: 3 });
      opened.push(database);
      return database;
    },
    drop: async () => {
      for (const database of opened) await database.close();
      await onServer(`drop database if exists ${name} with (force)`);
    },
  };
}

/** A database with DBOS's tables in it, to be copied: to make them takes a second, to copy them a tenth. */
export async function dbosTemplate(): Promise<OwnDatabase> {
  const made = await ownDatabase();
  const database = await made.open();
  const engine = new DbosWorkflowEngine({ database, url: made.url, clock: new SimulatedClock() });
  await engine.recover();
  await engine.close();
  await database.close();
  return made;
}
