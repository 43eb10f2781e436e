import { extname } from 'node:path';
import { type SeriesKind, ValidationError } from '@perpdesk/core';
import type { Cell } from '../tables/column.ts';
import { csvRows } from './csv-source.ts';
import { parquetRows } from './parquet-source.ts';

/** The files that rows go to and come from. */
export type TransferFormat = 'csv' | 'parquet';

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

/** Reads a file. */
export const sourceOf = (format: TransferFormat, path: string, kind: SeriesKind): AsyncGenerator<SourceRow> =>
  format === 'csv' ? csvRows(path, kind) : parquetRows(path, kind);
