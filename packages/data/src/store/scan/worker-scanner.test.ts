import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Candle, StoreError } from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlTimeSeriesStore } from '../sql-time-series-store.ts';
import { WorkerScanner } from './worker-scanner.ts';

const folder = mkdtempSync(join(tmpdir(), 'perpdesk-scan-'));
const path = join(folder, 'market.db');
const series = { instrumentId: 'BTC-PERP@hyperliquid', timeframe: '1m' } as const;
const rows = 36_000;
let database: Database;
let store: SqlTimeSeriesStore;

beforeAll(async () => {
  database = await openDatabase({ url: `sqlite:${path}`, durability: 'normal' });
  store = new SqlTimeSeriesStore({ database });
  await store.start();
  const bar = (index: number): Candle => ({
    ...{ ...series, openAtMs: index * 60_000, open: 1, high: 2, low: 0.5, close: 1, volume: index },
  });
  await store.writeCandles(Array.from({ length: rows }, (_, index) => bar(index)));
});
afterAll(async () => {
  await store.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

/** How often the event loop turned while something ran. */
async function turnsDuring(act: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let running = true;
  const count = (): void => {
    turns += 1;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  await act();
  running = false;
  return turns;
}

const slow = {
  sql: `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 400000) select max(n) as n from numbers`,
  parameters: [],
  columns: [{ name: 'n', type: 'int8' as const }],
};

describe('WorkerScanner', () => {
  it('default: the loop turns all the while a query runs that never yields', async () => {
    const scanner = new WorkerScanner({ path, pageRows: 10, sliceRows: 10 });
    const page = await scanner.scan(slow);
    expect(page).toEqual({ length: 1, columns: [Float64Array.of(400_000)] });
    const turns = await turnsDuring(() => scanner.scan(slow));
    expect(turns).toBeGreaterThan(50);
    await scanner.close();
  });

  it('behavior: long ranges, larger bars and gaps are found while the loop turns', async () => {
    const whole = { ...series, fromMs: 0, toMs: 8e15 };
    const read = await turnsDuring(async () => expect((await store.readCandles(whole)).length).toBe(rows));
    const larger = await turnsDuring(async () =>
      expect((await store.downsampleCandles({ ...whole, to: '1h' })).length).toBe(rows / 60),
    );
    const gaps = await turnsDuring(async () => expect(await store.gaps(whole)).toEqual([]));
    for (const turns of [read, larger, gaps]) expect(turns).toBeGreaterThan(10);
  });

  it('behavior: it sees what another connection wrote a moment ago, and can write nothing', async () => {
    const scanner = new WorkerScanner({ path, pageRows: 10, sliceRows: 10 });
    await sql`create table notes (text text, number integer)`.execute(database.kysely);
    await sql`insert into notes values ('a', null), (null, 2)`.execute(database.kysely);
    const columns = [
      { name: 'text', type: 'text' as const },
      { name: 'number', type: 'int8' as const },
    ];
    const notes = { sql: 'select text, number from notes', parameters: [], columns };
    expect((await scanner.scan(notes)).columns).toEqual([['a', null], Float64Array.of(Number.NaN, 2)]);
    const writing = scanner.scan({ ...notes, sql: 'insert into notes values (1, 1) returning text, number' });
    await expect(writing).rejects.toThrow('readonly');
    await scanner.close();
  });

  it('behavior: a stop ends what runs as something to try again, and the next query starts a new thread', async () => {
    const scanner = new WorkerScanner({ path, pageRows: 10, sliceRows: 10 });
    const running = scanner.scan({ ...slow, sql: slow.sql.replace('400000', '1000000000') });
    const failed = expect(running).rejects.toMatchObject({ code: 'store.worker', retryable: true });
    await scanner.close();
    await failed;
    expect((await scanner.scan(slow)).length).toBe(1);
    await scanner.close();
  });

  it('behavior: an abort does not wait for the query', async () => {
    const scanner = new WorkerScanner({ path, pageRows: 10, sliceRows: 10 });
    const stopping = new AbortController();
    const running = scanner.scan(
      { ...slow, sql: slow.sql.replace('400000', '1000000000') },
      { signal: stopping.signal },
    );
    const failed = expect(running).rejects.toThrow('enough');
    stopping.abort(new Error('enough'));
    await failed;
    await scanner.close();
  });

  it('error: a query or a file that is wrong is a StoreError', async () => {
    const scanner = new WorkerScanner({ path, pageRows: 10, sliceRows: 10 });
    await expect(scanner.scan({ ...slow, sql: 'select n from nowhere' })).rejects.toThrow('no such table: nowhere');
    await scanner.close();
    const nowhere = new WorkerScanner({ path: join(folder, 'not-there.db'), pageRows: 10, sliceRows: 10 });
    await expect(nowhere.scan(slow)).rejects.toBeInstanceOf(StoreError);
    await nowhere.close();
  });
});
