import type BetterSqlite3 from 'better-sqlite3';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';

const keptStatements = 500;

interface KeptStatement {
  readonly statement: BetterSqlite3.Statement<unknown[], unknown>;
  readonly reads: boolean;
}

/** The one connection to a SQLite database. Prepares a statement once: a desk has few and asks them often. */
export class SqliteConnection implements DatabaseConnection {
  readonly #handle: BetterSqlite3.Database;
  readonly #statements = new Map<string, KeptStatement>();

  constructor(handle: BetterSqlite3.Database) {
    this.#handle = handle;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, reads } = this.#statements.get(sql) ?? this.#prepare(sql);
    if (reads) return { rows: statement.all(...parameters) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
  }

  async *streamQuery<Row>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    // Not a kept one: a statement that is being iterated can not be run at the same time.
    for (const row of this.#handle.prepare(sql).iterate(...parameters)) yield { rows: [row as Row] };
  }

  #prepare(sql: string): KeptStatement {
    const statement = this.#handle.prepare<unknown[], unknown>(sql);
    const prepared = { statement, reads: statement.reader };
    // Some pragmas act while they are prepared: these are not kept.
    if (sql.startsWith('pragma ')) return prepared;
    if (this.#statements.size >= keptStatements) this.#statements.clear();
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
