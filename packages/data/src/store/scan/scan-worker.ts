// The thread of a WorkerScanner: opens a SQLite file to read it and answers one query after another. It starts often and
// must start fast: it loads nothing but the driver, the very copy that core opens the file with.
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type BetterSqlite3 from 'better-sqlite3';
import type { Cell } from '../tables/column.ts';
import type { ScanPage, ScanQuery } from './scanner.ts';
import type { ScanAnswer, ScanRequest, ScanThread } from './worker-scanner.ts';

const load = createRequire(import.meta.resolve('@perpdesk/core/database'));
const { path, snapshot } = workerData as ScanThread;
/** How long a query waits for a lock, which in WAL only a checkpoint or a schema change holds against a reader. */
const busyTimeoutMs = 5000;

let opened: BetterSqlite3.Database | undefined;

function handle(): BetterSqlite3.Database {
  if (opened === undefined) {
    const Sqlite = load('better-sqlite3') as typeof BetterSqlite3;
    opened = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
    // A transaction of a reader stands still at its first query; it ends with the thread.
    if (snapshot) opened.exec('begin');
  }
  return opened;
}

function scan(query: ScanQuery): ScanPage {
  const rows = handle()
    .prepare<unknown[], Cell[]>(query.sql)
    .raw()
    .all(...query.parameters);
  return {
    length: rows.length,
    columns: query.columns.map(({ type }, place) => {
      if (type === 'text') return rows.map((row) => (row[place] === null ? null : String(row[place])));
      const numbers = new Float64Array(rows.length);
      for (const [i, row] of rows.entries()) numbers[i] = row[place] === null ? Number.NaN : Number(row[place]);
      return numbers;
    }),
  };
}

function answer({ id, query }: ScanRequest): ScanAnswer {
  try {
    return { id, page: scan(query) };
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    return { id, failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

parentPort?.on('message', (request: ScanRequest) => {
  const reply = answer(request);
  const moved = reply.page?.columns.flatMap((column) => (column instanceof Float64Array ? [column.buffer] : [])) ?? [];
  parentPort?.postMessage(reply, moved);
});
