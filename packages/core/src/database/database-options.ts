import type { Logger } from '../logger/logger.ts';

/** Options of {@link openDatabase}. */
export interface DatabaseOptions {
  /** `sqlite:/path/to/file.db`, `sqlite::memory:` or `postgres://user:password@host:5432/name`. */
  readonly url: string;
  /**
   * `full` (default): what was committed survives the loss of power; about 0.2 ms a commit. For orders, journals and the
   * outbox. `normal`: it survives the end of the process, and the loss of power may take the last commits, never the
   * consistency; about 0.02 ms. For market data, which can be fetched again.
   */
  readonly durability?: 'full' | 'normal';
  /** Refuses writes. Default false. */
  readonly readOnly?: boolean;
  /** How long a statement waits for another's lock. Default 5,000 on SQLite, the server's on PostgreSQL. */
  readonly busyTimeoutMs?: number;
  /** Connections of a PostgreSQL pool. Default 10; SQLite has one. */
  readonly connections?: number;
  readonly logger?: Logger;
}
