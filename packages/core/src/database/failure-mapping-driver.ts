import type { CompiledQuery, DatabaseConnection, Driver, QueryResult, TransactionSettings } from 'kysely';
import { codeOf, storeFailure } from './store-failure.ts';

/** A driver around another, whose failures are StoreErrors that name the database. */
export class FailureMappingDriver implements Driver {
  readonly #driver: Driver;
  readonly #location: string;
  readonly #connections = new WeakMap<DatabaseConnection, MappedConnection>();

  constructor(driver: Driver, location: string) {
    this.#driver = driver;
    this.#location = location;
  }

  init(): Promise<void> {
    return this.#driver.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await this.#mapped(this.#driver.acquireConnection());
    const known = this.#connections.get(connection);
    if (known !== undefined) return known;
    const mapped = new MappedConnection(connection, this.#location);
    this.#connections.set(connection, mapped);
    return mapped;
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return this.#mapped(this.#driver.beginTransaction(inner(connection), settings));
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#mapped(this.#driver.commitTransaction(inner(connection)));
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#mapped(this.#driver.rollbackTransaction(inner(connection)));
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#driver.releaseConnection(inner(connection));
  }

  destroy(): Promise<void> {
    return this.#driver.destroy();
  }

  async #mapped<Result>(act: Promise<Result>): Promise<Result> {
    try {
      return await act;
    } catch (cause) {
      // Kysely's own errors carry no driver code and mean something to it.
      throw codeOf(cause) === '' ? cause : storeFailure(this.#location, cause);
    }
  }
}

class MappedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #location: string;

  constructor(inner: DatabaseConnection, location: string) {
    this.inner = inner;
    this.#location = location;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return await this.inner.executeQuery<Row>(query);
    } catch (cause) {
      throw storeFailure(this.#location, cause);
    }
  }

  async *streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    try {
      yield* this.inner.streamQuery<Row>(query, chunkSize);
    } catch (cause) {
      throw storeFailure(this.#location, cause);
    }
  }
}

const inner = (connection: DatabaseConnection): DatabaseConnection =>
  connection instanceof MappedConnection ? connection.inner : connection;
