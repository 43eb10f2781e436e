import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type Candle,
  type SeriesIdentity,
  type SeriesKind,
  type SeriesRows,
  type SeriesStore,
  timeframeMs,
} from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotPages, SnapshotStore } from '../snapshot-store.ts';
import { SqlTimeSeriesStore } from '../sql-time-series-store.ts';
import { seriesTables } from '../tables/series-tables.ts';
import { exportSeries } from './export-series.ts';
import { importSeries } from './import-series.ts';

const folder = mkdtempSync(join(tmpdir(), 'perpdesk-transfer-'));
const kinds = Object.keys(seriesTables) as SeriesKind[];
const btc = 'BTC-PERP@hyperliquid' as const;
const whole = { fromMs: 0, toMs: 8e15 };

let databases: Database[];
let from: SqlTimeSeriesStore;
let to: SqlTimeSeriesStore;

const emptied = async (): Promise<SqlTimeSeriesStore> => {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  databases.push(database);
  const store = new SqlTimeSeriesStore({ database });
  await store.start();
  return store;
};

beforeAll(() => {
  databases = [];
});
beforeEach(async () => {
  from = await emptied();
  to = await emptied();
});
afterAll(async () => {
  for (const database of databases) await database.close();
  rmSync(folder, { recursive: true });
});

const instant = fc.integer({ min: 0, max: 4e12 });
const price = fc.double({ min: 5e-324, max: 1.7e308, noNaN: true });
const amount = fc.double({ min: 0, max: 1.7e308, noNaN: true }).map((value) => value + 0);
const rate = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((value) => !value.includes('\0'));
const instrumentId = text.map((value) => `${value}@venue` as const);
const timeframe = fc.constantFrom('1m', '1h', '1d');
const moments = { exchangeAtMs: instant, receivedAtMs: instant };
const side = fc.constantFrom('buy', 'sell');
const count = fc.nat();

/** Any row a kind can have. */
const anyRow: { readonly [Kind in SeriesKind]: fc.Arbitrary<SeriesRows[Kind]> } = {
  candle: fc.record({
    ...{
      instrumentId,
      timeframe,
      openAtMs: instant,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: amount,
    },
  }),
  volume: fc.record({
    ...{ instrumentId, timeframe, openAtMs: instant, buyVolume: amount, sellVolume: amount },
    ...{ buyTrades: count, sellTrades: count },
  }),
  indicators: fc.record(
    {
      ...{ instrumentId, timeframe, openAtMs: instant, bars: count, missing: fc.integer({ min: 1 }) },
      values: fc.dictionary(text, rate, { noNullPrototype: true }),
    },
    { requiredKeys: ['instrumentId', 'timeframe', 'openAtMs', 'bars', 'values'] },
  ),
  quote: fc.record(
    { instrumentId, last: price, mark: price, index: price, bid: price, ask: price, ...moments },
    { requiredKeys: ['instrumentId', 'last', 'mark', 'bid', 'ask', 'exchangeAtMs', 'receivedAtMs'] },
  ),
  funding: fc.record({
    ...{ instrumentId, rate, intervalMs: fc.integer({ min: 1 }), settlesAtMs: instant, predicted: fc.boolean() },
    ...moments,
  }),
  'predicted-funding': fc.record({
    ...{ instrumentId, rate, intervalMs: fc.integer({ min: 1 }), settlesAtMs: instant, predicted: fc.constant(true) },
    ...moments,
  }),
  'open-interest': fc.record({ instrumentId, size: amount, notionalUsd: amount, ...moments }),
  liquidation: fc.record({ instrumentId, side, price, size: price, ...moments }),
  prediction: fc.record({
    ...{ contractId: text, bid: fc.double({ min: 0, max: 1, noNaN: true }), ask: fc.constant(0.5), depthUsd: amount },
    ...moments,
  }),
};

async function roundTrip<Kind extends SeriesKind>(kind: Kind, format: 'csv' | 'parquet'): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow[kind], { minLength: 1, maxLength: 30 }), async (rows) => {
      const [source, target] = [await emptied(), await emptied()];
      await source.write(kind, rows);
      const series = await source.latest(kind, { asOfMs: 8e15 });
      const path = join(folder, `any-${kind}.${format}`);
      const { rows: written } = await exportSeries({ store: source, kind, series, ...whole, path });
      const outcome = await importSeries({ store: target, kind, path });
      expect(outcome).toEqual({ status: 'imported', rows: written, inserted: written, replaced: 0, unchanged: 0 });
      for (const identity of series) {
        const span = { ...identity, ...whole } as SeriesIdentity<Kind> & typeof whole;
        const kept = await source.read(kind, span);
        expect(kept.length).toBeGreaterThan(0);
        expect(await target.read(kind, span)).toStrictEqual(kept);
      }
      for (const database of databases.splice(0)) await database.close();
    }),
    { numRuns: 4, seed: 1 },
  );
}

const bar = (index: number, changes: Partial<Candle> = {}): Candle => ({
  ...{ instrumentId: btc, timeframe: '1m', openAtMs: index * timeframeMs('1m') },
  ...{ open: 1.5, high: 2, low: 0.1 + 0.2, close: 1e-7, volume: index / 3 },
  ...changes,
});
const header = 'instrumentId,timeframe,openAtMs,open,high,low,close,volume';
const line = (index: number): string => `${btc},1m,${index * 60_000},1,2,0.5,1.5,7`;
const csv = (name: string, lines: readonly string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
};
const imported = (path: string) => importSeries({ store: to, kind: 'candle', path });
const kept = () => to.read('candle', { instrumentId: btc, timeframe: '1m', ...whole });

describe('export and import', () => {
  it('default: a file for people, and the same rows again', async () => {
    await from.write('candle', [bar(0), bar(1)]);
    const path = join(folder, 'two.csv');
    const series = [{ instrumentId: btc, timeframe: '1m' as const }];
    expect(await exportSeries({ store: from, kind: 'candle', series, ...whole, path })).toEqual({ rows: 2 });
    expect(readFileSync(path, 'utf8')).toBe(
      [
        header,
        `${btc},1m,0,1.5,2,0.30000000000000004,1e-7,0`,
        `${btc},1m,60000,1.5,2,0.30000000000000004,1e-7,0.3333333333333333`,
        '',
      ].join('\n'),
    );
    const outcome = { status: 'imported', rows: 2, inserted: 2, replaced: 0, unchanged: 0 };
    expect(await imported(path)).toEqual(outcome);
    expect(await imported(path)).toEqual({ ...outcome, inserted: 0, unchanged: 2 });
    expect(await kept()).toEqual([bar(0), bar(1)]);
  });

  it.each(kinds)('behavior: out and in again is the identity: %s', async (kind) => {
    await roundTrip(kind, 'csv');
    await roundTrip(kind, 'parquet');
  });

  it('behavior: long series go in parts, which are row groups of a Parquet file', async () => {
    const bars = Array.from({ length: 5501 }, (_, index) => bar(index));
    await from.write('candle', bars);
    const path = join(folder, 'long.parquet');
    await exportSeries({
      store: from,
      kind: 'candle',
      series: [{ instrumentId: btc, timeframe: '1m' }],
      ...whole,
      path,
    });
    const bytes = readFileSync(path);
    const metadata = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([4000, 1501]);
    expect(await imported(path)).toMatchObject({ status: 'imported', inserted: 5501 });
    expect(await kept()).toEqual(bars);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('behavior: files of others: columns in any order, optional ones left out, a byte-order mark, CRLF', async () => {
    const path = join(folder, 'others.csv');
    writeFileSync(
      path,
      '\uFEFFask,bid,mark,last,exchangeAtMs,receivedAtMs,instrumentId\r\n3,1,2.5,2,1000,1001,"X,1@v"\r\n\r\n',
    );
    expect(await importSeries({ store: to, kind: 'quote', path })).toMatchObject({ inserted: 1 });
    expect(await to.latest('quote', { asOfMs: 2000 })).toEqual([
      { instrumentId: 'X,1@v', bid: 1, ask: 3, mark: 2.5, last: 2, exchangeAtMs: 1000, receivedAtMs: 1001 },
    ]);
    const foreign = join(folder, 'foreign.parquet');
    const columnData = [
      { name: 'openAtMs', data: [new Date(60_000), new Date(120_000)] },
      { name: 'instrumentId', data: [btc, btc] },
      { name: 'timeframe', data: ['1m', '1m'] },
      ...['open', 'high', 'low', 'close', 'volume'].map((name) => ({ name, data: [1, 2] })),
    ];
    writeFileSync(foreign, new Uint8Array(parquetWriteBuffer({ columnData })));
    expect(await imported(foreign)).toMatchObject({ inserted: 2 });
    expect((await kept()).map(({ openAtMs, close }) => [openAtMs, close])).toEqual([
      [60_000, 1],
      [120_000, 2],
    ]);
  });

  it('error: malformed rows are told with their lines, and nothing is written', async () => {
    const path = csv('bad.csv', [
      header,
      line(0),
      `${btc},1m,60000,1,2,0.5,1.5`,
      `${btc},1m,120000,one,2,0.5,1.5,7`,
      `${btc},2m,180000,1,2,0.5,1.5,7`,
      `${btc},1m,240000.5,1,2,0.5,1.5,7`,
      `${btc},1m,,1,2,0.5,1.5,7`,
      `${btc},1m,300000,-1,2,0.5,1.5,7`,
      `${btc},1m,360000,1,2,0.5,0x10,7`,
      `${btc},1m,420000,1,Infinity,0.5,1,1e999`,
      `"${btc}"x,1m,480000,1,2,0.5,1.5,7`,
      line(9),
    ]);
    const outcome = await imported(path);
    expect(outcome).toMatchObject({ status: 'refused', malformed: 10 });
    // The broken quote of line 11 may take the line after it along: what was meant to be in it can not be known.
    const findings = outcome.status === 'refused' ? outcome.findings : [];
    expect(findings.map((finding) => finding.line)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(findings.map(({ reason }) => reason).slice(0, 8)).toEqual([
      'has 7 cells where the header has 8',
      'open is no number: one',
      expect.stringContaining('timeframe'),
      expect.stringContaining('openAtMs'),
      'openAtMs is empty',
      expect.stringContaining('open'),
      'close is no number: 0x10',
      'high is no number: Infinity',
    ]);
    expect(await kept()).toEqual([]);
  });

  it('error: findings are counted all and told a hundred', async () => {
    const outcome = await imported(csv('many.csv', [header, ...Array.from({ length: 2500 }, () => 'x,1m,0')]));
    expect(outcome).toMatchObject({ status: 'refused', malformed: 2500 });
    expect(outcome.status === 'refused' && outcome.findings).toHaveLength(100);
  });

  it('error: a quote that never closes is a finding, not the end of reading', async () => {
    const outcome = await imported(
      csv('open.csv', [header, line(0), `"${btc},1m`, ...Array.from({ length: 50 }, (_, i) => line(i))]),
    );
    expect(outcome).toMatchObject({ status: 'refused', malformed: 1 });
    expect(await kept()).toEqual([]);
  });

  it('error: wrong columns say what is there and what should be', async () => {
    await expect(
      imported(csv('columns.csv', ['time,open,high,low,close,volume', '1,1,1,1,1,1'])),
    ).rejects.toMatchObject({
      name: 'ValidationError',
      code: 'import.columns',
      message:
        'A file of kind candle has the columns instrumentId, timeframe, openAtMs, open, high, low, close, volume; ' +
        'this one lacks instrumentId, timeframe, openAtMs and has time, which it does not know.',
    });
    await expect(imported(csv('empty.csv', []))).rejects.toMatchObject({ code: 'import.columns' });
    await expect(imported(csv('twice.csv', [`${header},close`]))).rejects.toThrow('has close twice');
    await expect(imported(csv('no.parquet', [header]))).rejects.toMatchObject({ code: 'import.file' });
    await expect(imported(join(folder, 'not-there.csv'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(imported(join(folder, 'bars.xlsx'))).rejects.toMatchObject({ code: 'transfer.format' });
  });

  it('error: a damaged Parquet file is refused, wherever it is damaged', async () => {
    await from.write(
      'candle',
      Array.from({ length: 300 }, (_, index) => bar(index)),
    );
    const path = join(folder, 'whole.parquet');
    await exportSeries({
      store: from,
      kind: 'candle',
      series: [{ instrumentId: btc, timeframe: '1m' }],
      ...whole,
      path,
    });
    const bytes = readFileSync(path);
    const cut = join(folder, 'cut.parquet');
    writeFileSync(cut, bytes.subarray(0, bytes.length - 20));
    await expect(imported(cut)).rejects.toMatchObject({ code: 'import.file' });
    const pages = join(folder, 'pages.parquet');
    writeFileSync(pages, Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(400, 255), bytes.subarray(404)]));
    await expect(imported(pages)).rejects.toMatchObject({ code: 'import.file' });
    expect(await kept()).toEqual([]);
  });

  describe('on a file', () => {
    const minutes = { instrumentId: btc, timeframe: '1m' } as const;
    const request = { kind: 'candle', series: [minutes], ...whole } as const;
    let database: Database;
    let store: SqlTimeSeriesStore;

    beforeEach(async () => {
      const home = mkdtempSync(join(folder, 'file-'));
      database = await openDatabase({ url: `sqlite:${join(home, 'market.db')}`, durability: 'normal' });
      databases.push(database);
      store = new SqlTimeSeriesStore({ database });
      await store.start();
    });
    afterEach(() => store.stop());

    it.each(['csv', 'parquet'] as const)('behavior: rows of %s are of one moment', async (format) => {
      const bars = Array.from({ length: 9000 }, (_, index) => bar(2 * index));
      await store.write('candle', bars);
      const path = join(folder, `moment.${format}`);
      let changed = false;
      const changing: SeriesStore & SnapshotStore = Object.assign(Object.create(store) as SqlTimeSeriesStore, {
        snapshot: <Result>(act: (pages: SnapshotPages) => Promise<Result>): Promise<Result> =>
          store.snapshot((pages) =>
            act(async function* (kind, span, options) {
              for await (const page of pages(kind, span, options)) {
                yield page;
                if (changed) continue;
                changed = true;
                // Behind, at and before where the export is: new, other and deleted bars.
                await store.write('candle', [bar(1), bar(8001), bar(17_998, { close: 7 }), bar(20_001)]);
                await sql`delete from market_candles where open_at_ms = ${12_000 * 60_000}`.execute(database.kysely);
              }
            }),
          ),
      });
      expect(await exportSeries({ ...request, store: changing, path })).toEqual({ rows: 9000 });
      expect(changed).toBe(true);
      expect(await imported(path)).toMatchObject({ status: 'imported', inserted: 9000 });
      expect(await kept()).toEqual(bars);
      expect(await store.read('candle', { ...minutes, ...whole })).toHaveLength(9002);
    });

    it.each(['csv', 'parquet'] as const)('behavior: an abort in the middle of %s leaves nothing', async (format) => {
      await store.write(
        'candle',
        Array.from({ length: 9000 }, (_, index) => bar(index)),
      );
      const home = mkdtempSync(join(folder, 'aborted-'));
      const path = join(home, `bars.${format}`);
      writeFileSync(path, 'what was there');
      const stopping = new AbortController();
      const stopped: SeriesStore & SnapshotStore = Object.assign(Object.create(store) as SqlTimeSeriesStore, {
        snapshot: <Result>(act: (pages: SnapshotPages) => Promise<Result>): Promise<Result> =>
          store.snapshot((pages) =>
            act(async function* (kind, span, options) {
              for await (const page of pages(kind, span, options)) {
                yield page;
                stopping.abort(new Error('enough'));
              }
            }),
          ),
      });
      const exporting = exportSeries({ ...request, store: stopped, path }, { signal: stopping.signal });
      await expect(exporting).rejects.toThrow('enough');
      expect(readdirSync(home)).toEqual([`bars.${format}`]);
      expect(readFileSync(path, 'utf8')).toBe('what was there');
    });

    it('behavior: two exports to one path are two whole files, of which the last one stays', async () => {
      await store.write(
        'candle',
        Array.from({ length: 5000 }, (_, index) => bar(index)),
      );
      const path = join(mkdtempSync(join(folder, 'both-')), 'bars.csv');
      const both = await Promise.all([
        exportSeries({ ...request, store, path }),
        exportSeries({ ...request, store, path }),
      ]);
      expect(both).toEqual([{ rows: 5000 }, { rows: 5000 }]);
      expect(await imported(path)).toMatchObject({ status: 'imported', rows: 5000 });
      expect(readdirSync(dirname(path))).toEqual(['bars.csv']);
    });

    it('error: a folder that is not there, a file that can not be replaced', async () => {
      await store.write('candle', [bar(0)]);
      const nowhere = join(folder, 'nowhere', 'bars.csv');
      await expect(exportSeries({ ...request, store, path: nowhere })).rejects.toMatchObject({ code: 'ENOENT' });
      const home = mkdtempSync(join(folder, 'taken-'));
      const taken = join(home, 'bars.csv');
      mkdirSync(join(taken, 'full'), { recursive: true });
      await expect(exportSeries({ ...request, store, path: taken })).rejects.toMatchObject({ code: 'EISDIR' });
      expect(readdirSync(home)).toEqual(['bars.csv']);
    });
  });

  it('behavior: a store that knows no pages is read in parts', async () => {
    const bars = Array.from({ length: 4001 }, (_, index) => bar(index));
    await from.write('candle', bars);
    const plain = Object.assign(Object.create(from) as SqlTimeSeriesStore, {
      snapshot: undefined,
      read: from.read.bind(from),
    });
    const path = join(folder, 'plain.parquet');
    const series = [{ instrumentId: btc, timeframe: '1m' as const }];
    expect(await exportSeries({ store: plain, kind: 'candle', series, ...whole, path })).toEqual({ rows: 4001 });
    expect(await imported(path)).toMatchObject({ status: 'imported', inserted: 4001 });
    expect(await kept()).toEqual(bars);
  });

  it('error: an export that fails leaves no file, and the one there was', async () => {
    const home = mkdtempSync(join(folder, 'failing-'));
    const path = join(home, 'kept.csv');
    writeFileSync(path, 'what was there');
    const failing = Object.assign(Object.create(from) as SqlTimeSeriesStore, {
      snapshot: async () => {
        throw new Error('disk gone');
      },
    });
    const series = [{ instrumentId: btc, timeframe: '1m' as const }];
    await expect(exportSeries({ store: failing, kind: 'candle', series, ...whole, path })).rejects.toThrow('disk gone');
    expect(readFileSync(path, 'utf8')).toBe('what was there');
    expect(readdirSync(home)).toEqual(['kept.csv']);
  });
});
