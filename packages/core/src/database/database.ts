import { type Kysely, sql, type Transaction } from 'kysely';
import type { Logger } from '../logger/logger.ts';
import type { DatabaseTransaction } from '../ports/database-transaction.ts';
import { SharedCommit } from './shared-commit.ts';

/** The SQL spoken. */
export type DatabaseDialect = 'sqlite' | 'postgres';

/** What {@link Database} is made of. */
export interface DatabaseParts {
  readonly kysely: Kysely<unknown>;
  readonly dialect: DatabaseDialect;
  readonly location: string;
  readonly durability: 'full' | 'normal';
  readonly logger: Logger;
}

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
  /** Whether a commit survives the loss of power; see {@link DatabaseOptions}. */
  readonly durability: 'full' | 'normal';
  readonly #logger: Logger;
  /** Where a commit stops the thread until the disk has it. PostgreSQL groups commits itself. */
  readonly #sharedCommit: SharedCommit | undefined;

  constructor(parts: DatabaseParts) {
    this.kysely = parts.kysely;
    this.dialect = parts.dialect;
    this.location = parts.location;
    this.durability = parts.durability;
    this.#logger = parts.logger;
    if (parts.dialect === 'sqlite' && parts.durability === 'full') this.#sharedCommit = new SharedCommit(parts.kysely);
  }

  /** The same database, said to have these tables. Instants and other 64-bit integers are numbers on both dialects. */
  as<Tables>(): Kysely<Tables> {
    return this.kysely as Kysely<Tables>;
  }

  /**
   * Runs `act` in a transaction: committed when it resolves, rolled back when it rejects (with the same error). With
   * `durability: 'normal'` the commit need not survive the loss of power by itself; whatever is committed in full later
   * takes it along, so that no effect is ever kept without its cause.
   * @throws StoreError when the commit fails.
   */
  async transaction<Result>(
    act: (transaction: SqlTransaction) => Promise<Result>,
    options: { readonly durability?: 'full' | 'normal' } = {},
  ): Promise<Result> {
    const relaxed = options.durability === 'normal' && this.durability === 'full';
    let current: SqlTransaction | undefined;
    const run = (kysely: Kysely<unknown>): Promise<Result> =>
      kysely.transaction().execute(async (transaction) => {
        current = new SqlTransaction(this, transaction);
        if (relaxed && this.dialect === 'postgres') await sql`set local synchronous_commit = off`.execute(transaction);
        return act(current);
      });
    const result = await (relaxed && this.dialect === 'sqlite'
      ? this.kysely.connection().execute((kysely) => withoutSync(kysely, run))
      : run(this.kysely));
    current?.committed(this.#logger);
    return result;
  }

  /**
   * Runs one writing statement, a commit of its own. Where a commit waits for the disk with the thread at a halt (SQLite,
   * `full`), statements asked for in one turn of the event loop share it. Each is kept or fails by itself.
   * @throws StoreError
   * @example
   * await database.write((kysely) => sql`insert into notes values (${text})`.execute(kysely));
   */
  write<Result>(statement: (kysely: Kysely<unknown>) => Promise<Result>): Promise<Result> {
    return this.#sharedCommit?.run(statement) ?? statement(this.kysely);
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

/** With the one connection of a SQLite database told not to wait for the disk. */
async function withoutSync<Result>(
  kysely: Kysely<unknown>,
  run: (kysely: Kysely<unknown>) => Promise<Result>,
): Promise<Result> {
  await sql`pragma synchronous = normal`.execute(kysely);
  try {
    return await run(kysely);
  } finally {
    await sql`pragma synchronous = full`.execute(kysely);
  }
}
