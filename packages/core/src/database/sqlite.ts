import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { Kysely } from 'kysely';
import { ConfigError } from '../errors/config-error.ts';
import { silentLogger } from '../logger/logger.ts';
import { Database } from './database.ts';
import type { DatabaseOptions } from './database-options.ts';
import { loadPeer } from './peer.ts';
import { DeskSqliteDialect } from './sqlite-dialect.ts';
import { codeOf, storeFailure } from './store-failure.ts';

/** @throws ConfigError `node.version`: better-sqlite3 13 ends an older process without an error. */
export function requireNode(version: string): void {
  if (!(Number.parseInt(version, 10) >= 22))
    throw new ConfigError('node.version', `SQLite needs Node 22 or newer, this is Node ${version}.`);
}

/**
 * How long the driver itself waits for a lock, with the event loop at a halt. Short: where another connection of this very
 * process has the lock it can let go of it only once the loop turns; {@link PatientConnection} waits on.
 */
const blockingWaitMs = 10;

/** Opens a SQLite file, created unless read-only, or a database in memory. */
export async function openSqlite(path: string, options: DatabaseOptions): Promise<Database> {
  requireNode(process.versions.node);
  const { default: Sqlite } = await loadPeer('better-sqlite3', 'SQLite', () => import('better-sqlite3'));
  const readOnly = options.readOnly ?? false;
  const inMemory = path === ':memory:';
  // Nothing in memory survives anything: there is no disk to wait for.
  const durability = inMemory ? 'normal' : (options.durability ?? 'full');
  if (!inMemory && !existsSync(dirname(path)))
    throw new ConfigError('database.folder', `The folder ${dirname(path)} of the database ${path} does not exist.`);
  if (!inMemory && readOnly && !existsSync(path))
    throw new ConfigError('database.missing', `There is no database ${path} to read.`);
  try {
    const handle = new Sqlite(path, { readonly: readOnly, timeout: blockingWaitMs });
    try {
      prepare(handle, durability, readOnly);
    } catch (cause) {
      handle.close();
      throw cause;
    }
    const kysely = new Kysely<unknown>({
      dialect: new DeskSqliteDialect({
        handle,
        location: path,
        readOnly,
        busyTimeoutMs: options.busyTimeoutMs ?? 5_000,
      }),
    });
    return new Database({
      kysely,
      dialect: 'sqlite',
      location: path,
      durability,
      logger: options.logger ?? silentLogger,
    });
  } catch (cause) {
    if (!/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(codeOf(cause))) throw storeFailure(path, cause);
    const message = `The database ${path} can not be ${readOnly ? 'read' : 'written'}: check the rights of the file and of its folder.`;
    throw new ConfigError('database.unwritable', message, { cause });
  }
}

/** Settings of a connection. Reading and writing the header also finds out whether the file is a database and may be written. */
function prepare(handle: BetterSqlite3.Database, durability: 'full' | 'normal', readOnly: boolean): void {
  const version = Number(handle.pragma('user_version', { simple: true }));
  if (!readOnly) {
    handle.pragma('journal_mode = WAL');
    handle.pragma(`user_version = ${version}`);
  }
  handle.pragma(`synchronous = ${durability === 'normal' ? 'NORMAL' : 'FULL'}`);
  handle.pragma('foreign_keys = ON');
}
