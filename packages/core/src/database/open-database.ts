import type { Database } from './database.ts';
import type { DatabaseOptions } from './database-options.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/**
 * Opens a database by its URL and makes sure that it answers. The packages better-sqlite3 and pg are loaded only here.
 * @throws ConfigError `database.url`, `package.missing`, `node.version`, `database.folder`, `database.missing`,
 * `database.unwritable`, `database.refused`
 * @throws StoreError `database.corrupt`, `database.unreachable`, `database.failed`
 * @example
 * await using database = await openDatabase({ url: 'sqlite:desk.db' });
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const address = parseDatabaseUrl(options.url);
  return address.dialect === 'sqlite'
    ? openSqlite(address.path, options)
    : openPostgres(address.url, address.location, options);
}
