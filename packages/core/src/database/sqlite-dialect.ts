import type BetterSqlite3 from 'better-sqlite3';
import { CompiledQuery, type DatabaseConnection, type Driver, SqliteDialect } from 'kysely';
import { FailureMappingDriver } from './failure-mapping-driver.ts';
import { PatientConnection } from './patient-connection.ts';
import { SqliteConnection } from './sqlite-connection.ts';

/** What a {@link DeskSqliteDialect} is made of. */
export interface DeskSqliteDialectOptions {
  readonly handle: BetterSqlite3.Database;
  readonly location: string;
  readonly readOnly: boolean;
  readonly busyTimeoutMs: number;
}

/**
 * Kysely's SQLite dialect with what a desk needs besides: a transaction takes the write lock at once (a deferred one fails
 * as busy where it should wait), statements are prepared once, failures are StoreErrors.
 */
export class DeskSqliteDialect extends SqliteDialect {
  readonly #options: DeskSqliteDialectOptions;

  constructor(options: DeskSqliteDialectOptions) {
    super({ database: options.handle });
    this.#options = options;
  }

  override createDriver(): Driver {
    return new FailureMappingDriver(new DeskSqliteDriver(this.#options), this.#options.location);
  }
}

const commit = CompiledQuery.raw('commit');
const rollback = CompiledQuery.raw('rollback');

class DeskSqliteDriver implements Driver {
  readonly #handle: BetterSqlite3.Database;
  readonly #begin: CompiledQuery;
  readonly #connection: DatabaseConnection;

  constructor({ handle, readOnly, busyTimeoutMs }: DeskSqliteDialectOptions) {
    this.#handle = handle;
    this.#begin = CompiledQuery.raw(readOnly ? 'begin' : 'begin immediate');
    this.#connection = new PatientConnection(new SqliteConnection(handle), busyTimeoutMs);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(this.#begin);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(commit);
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite has rolled back already after a full disk or an I/O error; a second rollback would hide that error.
    if (this.#handle.inTransaction) await connection.executeQuery(rollback);
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#handle.close();
  }
}
