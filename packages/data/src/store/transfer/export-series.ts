import { rename, rm } from 'node:fs/promises';
import type { SeriesIdentity, SeriesKind, SeriesRows, SeriesSpan, SeriesStore } from '@perpdesk/core';
import { turn } from '../bulk-upsert.ts';
import { hasSnapshots, type SnapshotPages } from '../snapshot-store.ts';
import { seriesTables } from '../tables/series-tables.ts';
import { FileWriter } from './file-writer.ts';
import { identityCells, pageOf } from './series-columns.ts';
import { formatOf, type TransferFormat } from './transfer-file.ts';

/** Rows that are read at a time of a store that gives no pages: a few ms of work. */
const rowsPerPart = 2000;
/** Exports of this process, so that two to one path never write to one file. */
let started = 0;

/** What {@link exportSeries} writes. */
export interface SeriesExport<Kind extends SeriesKind> {
  readonly store: SeriesStore;
  readonly kind: Kind;
  /** The series, in the order they go to the file. */
  readonly series: readonly SeriesIdentity<Kind>[];
  /** By own time, from inclusive, to exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly path: string;
  /** Default: by the path, `.csv` or `.parquet`. */
  readonly format?: TransferFormat;
}

/**
 * Writes series to a CSV or Parquet file, a part at a time: memory stays the same however many rows there are, and the file
 * is made in a thread of its own. From a `SqlTimeSeriesStore` on a file or a server all rows are of one moment, whatever is
 * written meanwhile. The file appears under its name once it is whole; a process that is killed leaves at most a file that
 * ends in `.part`. What {@link importSeries} reads of it are the same rows.
 * @throws ValidationError `transfer.format`; StoreError; what the file system throws.
 * @example
 * await exportSeries({ store, kind: 'candle', series: [{ instrumentId, timeframe: '1m' }], fromMs, toMs, path: 'btc.parquet' });
 */
export async function exportSeries<Kind extends SeriesKind>(
  request: SeriesExport<Kind>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly rows: number }> {
  const { store, kind, fromMs, toMs, path, format = formatOf(path) } = request;
  options.signal?.throwIfAborted();
  started += 1;
  const unfinished = `${path}.${process.pid}-${started}.part`;
  const file = new FileWriter({ format, path: unfinished, kind });
  let rows = 0;
  const writeAll = async (pages: SnapshotPages): Promise<void> => {
    let writing: Promise<void> = Promise.resolve();
    for (const identity of request.series) {
      for await (const page of pages(kind, { ...identity, fromMs, toMs }, options)) {
        // One page is read while the one before is written; it is waited for before the next.
        await writing;
        rows += page.length;
        writing = file.write({ identity: identityCells(kind, identity), page });
        writing.catch(() => {});
      }
    }
    await writing;
  };
  try {
    await (hasSnapshots(store) ? store.snapshot(writeAll) : writeAll(pagesOf(store)));
    await file.close();
    options.signal?.throwIfAborted();
    await rename(unfinished, path);
  } catch (error) {
    await file.release();
    await rm(unfinished, { force: true });
    throw error;
  }
  await file.release();
  return { rows };
}

/** The rows of a store that knows no pages. */
function pagesOf(store: SeriesStore): SnapshotPages {
  return async function* <Kind extends SeriesKind>(
    kind: Kind,
    span: SeriesSpan<Kind>,
    options: { readonly signal?: AbortSignal } = {},
  ) {
    for (let after: SeriesRows[Kind] | undefined; ; ) {
      const goOn = after === undefined ? {} : { after };
      const part = await store.read(kind, { ...span, limit: rowsPerPart, ...goOn }, options);
      await turn();
      if (part.length > 0) yield pageOf(seriesTables[kind], part);
      after = part.at(-1);
      if (part.length < rowsPerPart) return;
      await turn();
    }
  };
}
