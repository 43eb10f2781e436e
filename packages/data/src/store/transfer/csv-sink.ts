import { open } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';
import type { FileSink } from './file-sink.ts';
import type { FileColumn } from './series-columns.ts';

/** A CSV file to write: RFC 4180, a header, numbers in the fewest digits that give the same number back. */
export async function csvSink(path: string, columns: readonly FileColumn[]): Promise<FileSink> {
  const file = await open(path, 'w');
  await file.appendFile(stringify([columns.map(({ name }) => name)]));
  return {
    write: async ({ identity, page }) => {
      const rows = Array.from({ length: page.length }, (_, i) => [
        ...identity,
        ...page.columns.map((column) => textOf(column[i])),
      ]);
      // Unlike `write`, which may write less than it was given.
      await file.appendFile(stringify(rows));
    },
    close: async () => {
      await file.sync();
      await file.close();
    },
  };
}

const textOf = (cell: number | string | null | undefined): string =>
  cell === null || cell === undefined || Number.isNaN(cell) ? '' : String(cell);
