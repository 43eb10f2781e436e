import { type FileHandle, open } from 'node:fs/promises';
import { type SeriesKind, ValidationError } from '@perpdesk/core';
import { turn } from '../bulk-upsert.ts';
import type { Cell } from '../tables/column.ts';
import { type FileColumn, fileColumns, placesIn } from './series-columns.ts';
import type { SourceRow } from './transfer-file.ts';

/** Rows that are decoded at a time: what a foreign file has in one row group need not fit into memory as objects. */
const rowsPerRead = 10_000;

/**
 * The rows of a Parquet file, one at a time.
 * @throws ValidationError `import.columns`; `import.file` for a file that is not Parquet.
 */
export async function* parquetRows(path: string, kind: SeriesKind): AsyncGenerator<SourceRow> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const source = { byteLength: size, slice: (start: number, end = size) => readPart(file, start, end) };
    const metadata = await parquetMetadataAsync(source).catch((cause: unknown) => {
      throw new ValidationError('import.file', `${path} can not be read as Parquet.`, { cause });
    });
    const header = parquetSchema(metadata).children.map(({ element }) => element.name);
    const places = placesIn(kind, header);
    const columns = fileColumns(kind);
    let groupStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      const groupEnd = groupStart + Number(num_rows);
      for (let rowStart = groupStart; rowStart < groupEnd; rowStart += rowsPerRead) {
        const rowEnd = Math.min(groupEnd, rowStart + rowsPerRead);
        const rows = await parquetReadObjects({ file: source, metadata, rowStart, rowEnd, useOffsetIndex: true }).catch(
          (cause: unknown) => {
            throw new ValidationError('import.file', `Rows ${rowStart + 1} to ${rowEnd} of ${path} can not be read.`, {
              cause,
            });
          },
        );
        for (const [i, row] of rows.entries()) {
          const cells = columns.map(({ name, type }, place) =>
            places[place] === undefined ? null : decoded(row[name], type),
          );
          yield { line: rowStart + i + 1, cells };
        }
        await turn();
      }
      groupStart = groupEnd;
    }
  } finally {
    await file.close();
  }
}

async function readPart(file: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.buffer;
}

/** 64-bit integers come as BigInt, timestamps as Date. */
function decoded(value: unknown, type: FileColumn['type']): Cell {
  if (value === null || value === undefined) return null;
  if (type === 'text') return typeof value === 'string' ? value : Number.NaN;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? value : String(value);
}
