import { CompiledQuery, type Kysely } from 'kysely';
import type { Cell } from '../tables/column.ts';
import { pack, type Scanner, type ScanPage, type ScanQuery } from './scanner.ts';

/** Runs queries on a database's own connections, or in a transaction: for SQLite on this thread, for PostgreSQL on the server. */
export class DatabaseScanner implements Scanner {
  readonly pageRows: number;
  readonly sliceRows: number;
  readonly #kysely: Kysely<unknown>;

  constructor(options: { readonly kysely: Kysely<unknown>; readonly pageRows: number; readonly sliceRows: number }) {
    this.#kysely = options.kysely;
    this.pageRows = options.pageRows;
    this.sliceRows = options.sliceRows;
  }

  async scan(query: ScanQuery, options: { readonly signal?: AbortSignal } = {}): Promise<ScanPage> {
    options.signal?.throwIfAborted();
    const compiled = CompiledQuery.raw(query.sql, [...query.parameters]);
    const { rows } = await this.#kysely.executeQuery<Record<string, Cell>>(compiled);
    options.signal?.throwIfAborted();
    return pack(rows, query.columns);
  }

  async close(): Promise<void> {}
}
