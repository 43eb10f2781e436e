import { type FileHandle, open } from 'node:fs/promises';
import { type SeriesKind, ValidationError } from '@perpdesk/core';
import type { ParquetWriter } from 'hyparquet-writer';
import { turn } from '../bulk-upsert.ts';
import type { Cell } from '../tables/column.ts';
import { type FileColumn, fileColumns, placesIn } from './series-columns.ts';
import type { RowSink, SourceRow } from './transfer-file.ts';

type ParquetSchema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

/** Rows that are decoded at a time: what a foreign file has in one row group need not fit into memory as objects. */
const rowsPerRead = 10_000;

/** A Parquet file to write: a row group for each call, instants as INT64, numbers as DOUBLE, Snappy. */
export async function parquetSink(path: string, kind: SeriesKind): Promise<RowSink> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const columns = fileColumns(kind);
  const file = await open(path, 'w');
  // The library keeps what was not flushed: each row group is handed to the file and forgotten.
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({ writer: bytes, schema: schemaOf(columns) });
  const flush = async (): Promise<void> => {
    await file.write(bytes.getBytes());
    bytes.index = 0;
  };
  return {
    // Which are a row group: the fewer there are, the shorter is the end of the file, written in one go.
    rowsPerPart: 5000,
    write: async (rows) => {
      const columnData = columns.map(({ name, type }, place) => ({
        name,
        data: rows.map((cells) => encoded(cells[place] ?? null, type)),
        offsetIndex: false,
      }));
      parquet.write({ columnData, rowGroupSize: Math.max(1, rows.length) });
      await flush();
    },
    close: async () => {
      parquet.finish();
      await flush();
      await file.sync();
      await file.close();
    },
    abandon: () => file.close(),
  };
}

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

function schemaOf(columns: readonly FileColumn[]): ParquetSchema {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type, optional }): ParquetSchema[number] => {
      const repetition_type = optional ? 'OPTIONAL' : 'REQUIRED';
      if (type === 'text') return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type };
      return { name, type: type === 'int8' ? 'INT64' : 'DOUBLE', repetition_type };
    }),
  ];
}

const encoded = (cell: Cell, type: FileColumn['type']): string | number | bigint | null =>
  type === 'int8' && cell !== null ? BigInt(cell) : cell;

/** 64-bit integers come as BigInt, timestamps as Date. */
function decoded(value: unknown, type: FileColumn['type']): Cell {
  if (value === null || value === undefined) return null;
  if (type === 'text') return typeof value === 'string' ? value : Number.NaN;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? value : String(value);
}
