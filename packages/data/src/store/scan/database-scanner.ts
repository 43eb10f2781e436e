import type { Database } from '@perpdesk/core/database';
import { CompiledQuery } from 'kysely';
import type { Cell } from '../tables/column.ts';
import { pack, type Scanner, type ScanPage, type ScanQuery } from './scanner.ts';

/** Runs queries on a database's own connections: for SQLite on this thread, for PostgreSQL on the server. */
export class DatabaseScanner implements Scanner {
  readonly pageRows: number;
  readonly sliceRows: number;
  readonly #database: Database;

  constructor(options: { readonly database: Database; readonly pageRows: number; readonly sliceRows: number }) {
    this.#database = options.database;
    this.pageRows = options.pageRows;
    this.sliceRows = options.sliceRows;
  }

  async scan(query: ScanQuery, options: { readonly signal?: AbortSignal } = {}): Promise<ScanPage> {
    options.signal?.throwIfAborted();
    const compiled = CompiledQuery.raw(query.sql, [...query.parameters]);
    const { rows } = await this.#database.kysely.executeQuery<Record<string, Cell>>(compiled);
    options.signal?.throwIfAborted();
    return pack(rows, query.columns);
  }

  async close(): Promise<void> {}
}
