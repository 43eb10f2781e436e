import { extname } from 'node:path';
import { type SeriesKind, ValidationError } from '@perpdesk/core';
import type { Cell } from '../tables/column.ts';
import { csvRows, csvSink } from './csv-file.ts';
import { parquetRows, parquetSink } from './parquet-file.ts';

/** The files that rows go to and come from. */
export type TransferFormat = 'csv' | 'parquet';

/** A file that is being written. */
export interface RowSink {
  /** How many rows to give at a time: about 10 ms of work. */
  readonly rowsPerPart: number;
  write(rows: readonly (readonly Cell[])[]): Promise<void>;
  /** Ends the file: it is whole and on disk. */
  close(): Promise<void>;
  /** Lets go of a file that will not become whole. */
  abandon(): Promise<void>;
}

/** A row of a file: its cells, or what is wrong with it. */
export type SourceRow =
  | { readonly line: number; readonly cells: readonly Cell[] }
  | { readonly line: number; readonly reason: string };

/** @throws ValidationError `transfer.format` when a path does not say what its file is. */
export function formatOf(path: string): TransferFormat {
  const extension = extname(path).toLowerCase();
  if (extension === '.csv' || extension === '.parquet') return extension === '.csv' ? 'csv' : 'parquet';
  throw new ValidationError('transfer.format', `A file ends in .csv or .parquet, unlike ${path}; or say its format.`);
}

/** Opens a file to write. */
export const sinkOf = (format: TransferFormat, path: string, kind: SeriesKind): Promise<RowSink> =>
  format === 'csv' ? csvSink(path, kind) : parquetSink(path, kind);

/** Reads a file. */
export const sourceOf = (format: TransferFormat, path: string, kind: SeriesKind): AsyncGenerator<SourceRow> =>
  format === 'csv' ? csvRows(path, kind) : parquetRows(path, kind);
