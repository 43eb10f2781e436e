import type { Database } from '@perpdesk/core/database';
import { DatabaseScanner } from './scan/database-scanner.ts';
import type { Scanner } from './scan/scanner.ts';
import { WorkerScanner } from './scan/worker-scanner.ts';
import { SeriesReader } from './series-reader.ts';

/** One row less than what is read at a time: a reader asks for one more than a page to learn whether a span has ended. */
const rows = { pageRows: 3999, sliceRows: 4000 };

/**
 * Lets `act` read a database as of one moment, that of its first query, whatever is written meanwhile. A SQLite file is
 * read in a thread started for it, PostgreSQL in one transaction. SQLite in memory has a single connection, which writers
 * need too: there every page is as of its own moment. While it lasts, the log of a SQLite file can not start over.
 * @throws StoreError
 */
export async function withSnapshot<Result>(
  database: Database,
  act: (reader: SeriesReader) => Promise<Result>,
): Promise<Result> {
  const read = (scanner: Scanner): Promise<Result> => act(new SeriesReader({ database, near: scanner, far: scanner }));
  if (database.dialect === 'postgres')
    return database.kysely
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((kysely) => read(new DatabaseScanner({ kysely, ...rows })));
  if (database.location === ':memory:') return read(new DatabaseScanner({ kysely: database.kysely, ...rows }));
  const scanner = new WorkerScanner({ path: database.location, ...rows, snapshot: true });
  try {
    return await read(scanner);
  } finally {
    await scanner.close();
  }
}
