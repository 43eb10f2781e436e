import { rename, rm } from 'node:fs/promises';
import type { SeriesIdentity, SeriesKind, SeriesRows, SeriesStore } from '@perpdesk/core';
import { turn } from '../bulk-upsert.ts';
import { cellsOf } from './series-columns.ts';
import { formatOf, sinkOf, type TransferFormat } from './transfer-file.ts';

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
 * Writes series to a CSV or Parquet file, a part at a time: memory stays the same however many rows there are. The file
 * appears under its name once it is whole; what {@link importSeries} reads of it are the same rows.
 * @throws ValidationError `transfer.format`; StoreError; what the file system throws.
 * @example
 * await exportSeries({ store, kind: 'candle', series: [{ instrumentId, timeframe: '1m' }], fromMs, toMs, path: 'btc.parquet' });
 */
export async function exportSeries<Kind extends SeriesKind>(
  request: SeriesExport<Kind>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly rows: number }> {
  const { store, kind, fromMs, toMs, path, format = formatOf(path) } = request;
  const unfinished = `${path}.part`;
  const sink = await sinkOf(format, unfinished, kind);
  let written = 0;
  try {
    for (const identity of request.series) {
      for (let after: SeriesRows[Kind] | undefined; ; ) {
        const part = await store.read(
          kind,
          { ...identity, fromMs, toMs, limit: sink.rowsPerPart, ...(after === undefined ? {} : { after }) },
          options,
        );
        await turn();
        if (part.length > 0) await sink.write(part.map((row) => cellsOf(kind, row)));
        written += part.length;
        after = part.at(-1);
        if (part.length < sink.rowsPerPart) break;
        await turn();
      }
    }
    await sink.close();
  } catch (error) {
    await sink.abandon().catch(() => {});
    await rm(unfinished, { force: true });
    throw error;
  }
  await rename(unfinished, path);
  return { rows: written };
}
