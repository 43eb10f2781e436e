import { open } from 'node:fs/promises';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { FileSink } from './file-sink.ts';
import type { FileColumn } from './series-columns.ts';

type ParquetSchema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

/** A Parquet file to write: a row group for each call, instants as INT64, numbers as DOUBLE, Snappy. */
export async function parquetSink(path: string, columns: readonly FileColumn[]): Promise<FileSink> {
  const file = await open(path, 'w');
  // The library keeps what was not flushed: each row group is handed to the file and forgotten.
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({ writer: bytes, schema: schemaOf(columns) });
  const flush = async (): Promise<void> => {
    // Unlike `write`, which may write less than it was given.
    await file.appendFile(bytes.getBytes());
    bytes.index = 0;
  };
  return {
    write: async ({ identity, page: { length, columns: cells } }) => {
      const columnData = columns.map(({ name, type }, place) => {
        const word = identity[place];
        const data = word === undefined ? encoded(cells[place - identity.length] ?? [], type) : repeated(word, length);
        return { name, data, offsetIndex: false };
      });
      await parquet.write({ columnData, rowGroupSize: Math.max(1, length) });
      await flush();
    },
    close: async () => {
      await parquet.finish();
      await flush();
      await file.sync();
      await file.close();
    },
  };
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

const repeated = (word: string, times: number): string[] => new Array<string>(times).fill(word);

type ParquetCell = string | number | bigint | null;

/** The cells of a column as Parquet has them; NaN stands for null in a page. */
function encoded(column: ArrayLike<number | string | null>, type: FileColumn['type']): ParquetCell[] {
  return Array.from(column, (cell): ParquetCell => {
    if (cell === null || Number.isNaN(cell)) return null;
    return type === 'int8' ? BigInt(cell) : cell;
  });
}
