import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { systemStopwatch } from '../telemetry/telemetry.ts';
import { codeOf } from './store-failure.ts';

/**
 * A SQLite connection that lets the event loop turn while another has the lock, and tries again. A statement that was
 * refused as busy had no effect.
 */
export class PatientConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;
  readonly #timeoutMs: number;

  constructor(connection: DatabaseConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return await this.#connection.executeQuery<Row>(query);
    } catch (error) {
      if (!isBusy(error)) throw error;
      return this.#tryAgain(query, systemStopwatch() + this.#timeoutMs);
    }
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#connection.streamQuery<Row>(query, chunkSize);
  }

  async #tryAgain<Row>(query: CompiledQuery, until: number): Promise<QueryResult<Row>> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      try {
        return await this.#connection.executeQuery<Row>(query);
      } catch (error) {
        if (!isBusy(error) || systemStopwatch() >= until) throw error;
      }
    }
  }
}

const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');
