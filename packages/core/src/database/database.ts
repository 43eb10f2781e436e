import type { Kysely, Transaction } from 'kysely';
import { type Logger, silentLogger } from '../logger/logger.ts';
import type { DatabaseTransaction } from '../ports/database-transaction.ts';

/** The SQL spoken. */
export type DatabaseDialect = 'sqlite' | 'postgres';

/**
 * An open database. Made by {@link openDatabase}. On SQLite there is one connection, so transactions follow one another:
 * keep them short, await nothing of a network inside, and inside use the transaction only (`database.as()` would wait for
 * it to end, for ever).
 */
export class Database {
  /** Queries without a transaction, knowing no table: see {@link Database.as}. */
  readonly kysely: Kysely<unknown>;
  readonly dialect: DatabaseDialect;
  /** For people: the path, or the server and name without user and password. */
  readonly location: string;
  readonly #logger: Logger;

  constructor(options: { readonly kysely: Kysely<unknown>; readonly dialect: DatabaseDialect; readonly location: string; readonly logger?: Logger }) {
    this.kysely = options.kysely;
    this.dialect = options.dialect;
    this.location = options.location;
    this.#logger = options.logger ?? silentLogger;
  }

  /** The same database, said to have these tables. Instants and other 64-bit integers are numbers on both dialects. */
  as<Tables>(): Kysely<Tables> {
    return this.kysely as Kysely<Tables>;
  }

  /**
   * Runs `act` in a transaction: committed when it resolves, rolled back when it rejects (with the same error).
   * @throws StoreError when the commit fails.
   */
  async transaction<Result>(act: (transaction: SqlTransaction) => Promise<Result>): Promise<Result> {
    let current: SqlTransaction | undefined;
    const result = await this.kysely.transaction().execute((transaction) => {
      current = new SqlTransaction(this, transaction);
      return act(current);
    });
    current?.committed(this.#logger);
    return result;
  }

  /** Lets go of the connections. Queries after it fail. */
  async close(): Promise<void> {
    await this.kysely.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A transaction of a {@link Database}, valid until `act` resolves. */
export class SqlTransaction implements DatabaseTransaction {
  readonly database: Database;
  readonly #transaction: Transaction<unknown>;
  readonly #afterCommit: (() => void)[] = [];

  constructor(database: Database, transaction: Transaction<unknown>) {
    this.database = database;
    this.#transaction = transaction;
  }

  get dialect(): DatabaseDialect {
    return this.database.dialect;
  }

  /** Queries in this transaction, said to have these tables. */
  as<Tables>(): Transaction<Tables> {
    return this.#transaction as Transaction<Tables>;
  }

  afterCommit(callback: () => void): void {
    this.#afterCommit.push(callback);
  }

  /** For {@link Database.transaction}: calls back those who asked. What one of them throws can not undo the commit. */
  committed(logger: Logger): void {
    for (const callback of this.#afterCommit) {
      try {
        callback();
      } catch (error) {
        logger.error({ error }, 'a callback after a commit threw');
      }
    }
  }
}
