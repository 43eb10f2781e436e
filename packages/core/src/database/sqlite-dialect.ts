import type BetterSqlite3 from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import { FailureMappingDriver } from './failure-mapping-driver.ts';
import { PatientConnection } from './patient-connection.ts';

const keptStatements = 500;

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

class DeskSqliteDriver extends SqliteDriver {
  readonly #handle: BetterSqlite3.Database;
  readonly #begin: CompiledQuery;
  readonly #busyTimeoutMs: number;
  #connection: DatabaseConnection | undefined;

  constructor({ handle, readOnly, busyTimeoutMs }: DeskSqliteDialectOptions) {
    super({ database: new StatementCache(handle) });
    this.#handle = handle;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#begin = CompiledQuery.raw(readOnly ? 'begin' : 'begin immediate');
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= new PatientConnection(await super.acquireConnection(), this.#busyTimeoutMs);
    return this.#connection;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(this.#begin);
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite has rolled back already after a full disk or an I/O error; a second rollback would hide that error.
    if (this.#handle.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** Keeps prepared statements: a desk has few queries and asks them often. */
class StatementCache implements SqliteDatabase {
  readonly #handle: BetterSqlite3.Database;
  readonly #statements = new Map<string, KeptStatement>();

  constructor(handle: BetterSqlite3.Database) {
    this.#handle = handle;
  }

  close(): void {
    this.#statements.clear();
    this.#handle.close();
  }

  prepare(sql: string): SqliteStatement {
    // Some pragmas act while they are prepared: these are not kept.
    if (sql.startsWith('pragma ')) return boundTo(this.#handle.prepare<unknown[], unknown>(sql));
    const kept = this.#statements.get(sql);
    // A statement that is being iterated can not be run at the same time.
    if (kept !== undefined && !kept.statement.busy) return kept.bound;
    const statement = this.#handle.prepare<unknown[], unknown>(sql);
    const bound = boundTo(statement);
    if (kept === undefined) {
      if (this.#statements.size >= keptStatements) this.#statements.clear();
      this.#statements.set(sql, { statement, bound });
    }
    return bound;
  }
}

interface KeptStatement {
  readonly statement: BetterSqlite3.Statement<unknown[], unknown>;
  readonly bound: SqliteStatement;
}

const boundTo = (statement: BetterSqlite3.Statement<unknown[], unknown>): SqliteStatement => ({
  reader: statement.reader,
  all: (parameters) => statement.all(...parameters),
  run: (parameters) => statement.run(...parameters),
  iterate: (parameters) => statement.iterate(...parameters),
});
