// The thread of retention on a SQLite file: opens the file by a connection of its own and trims it, so that neither the
// steps nor what they wait for the disk (every thousand pages of its log SQLite copies them into the file and waits until
// they are there) hold up the event loop.
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { PerpDeskError } from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { RetentionRun } from './retention-run.ts';
import type { RetentionAnswer, RetentionRequest, RetentionThreadData } from './retention-thread.ts';

const { path, durability, policies } = workerData as RetentionThreadData;

/** Between two steps, ms: long enough for a writer that waits for the lock to get it. */
const pauseMs = 1;
/** Opening writes once and waits for a lock only briefly: tried so often, ms apart. */
const [openings, reopenMs] = [50, 20];

let database: Database | undefined;
let ended = false;
const thinnedToMs = new Map<number, number>();
const pause = (): Promise<void> => setTimeout(pauseMs);

async function opened(): Promise<Database> {
  for (let tried = 1; ; tried += 1) {
    try {
      database ??= await openDatabase({ url: `sqlite:${path}`, durability });
      return database;
    } catch (error) {
      if (tried === openings || !(PerpDeskError.is(error) && error.retryable)) throw error;
      await setTimeout(reopenMs);
    }
  }
}

async function run(nowMs: number): Promise<RetentionAnswer> {
  try {
    const here = await opened();
    const options = { database: here, policies, nowMs, thinnedToMs, pause, ended: () => ended };
    const report = await new RetentionRun(options).run();
    // What the log holds by now is copied here, not by whoever writes next.
    await sql`pragma wal_checkpoint(passive)`.execute(here.kysely);
    return { report };
  } catch (error) {
    const { code, retryable } = PerpDeskError.is(error) ? error : { code: 'database.failed', retryable: false };
    return { failure: { code, retryable, message: error instanceof Error ? error.message : String(error) } };
  }
}

let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (request: RetentionRequest) => {
  if (request === 'end') {
    ended = true;
    last = last.then(async () => {
      await database?.close();
      parentPort?.close();
    });
  } else {
    last = last.then(async () => parentPort?.postMessage(await run(request.nowMs)));
  }
});
