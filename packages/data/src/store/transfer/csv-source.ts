import { createReadStream } from 'node:fs';
import type { SeriesKind } from '@perpdesk/core';
import type { Cell } from '../tables/column.ts';
import { fileColumns, placesIn } from './series-columns.ts';
import type { SourceRow } from './transfer-file.ts';

/** A record longer than this is no row of market data. */
const longestRecord = 1_000_000;

/**
 * The rows of a CSV file, one at a time, what can not be read among them.
 * @throws ValidationError `import.columns`
 */
export async function* csvRows(path: string, kind: SeriesKind): AsyncGenerator<SourceRow> {
  const { parse } = await import('csv-parse');
  const broken: SourceRow[] = [];
  const input = createReadStream(path);
  const parser = input.pipe(
    parse({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: longestRecord,
      skip_records_with_error: true,
      on_skip: (error) => {
        const line = error !== undefined && 'lines' in error ? Number(error.lines) : 0;
        broken.push({ line, reason: error?.message ?? 'not readable' });
        return undefined;
      },
    }),
  );
  // A pipe passes on neither errors nor the end of reading.
  input.on('error', (error) => parser.destroy(error));
  try {
    const columns = fileColumns(kind);
    let places: readonly (number | undefined)[] | undefined;
    let width = 0;
    for await (const one of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield* broken.splice(0);
      const { record, info } = one;
      if (places === undefined) {
        places = placesIn(kind, record);
        width = record.length;
      } else if (record.length !== width) {
        yield { line: info.lines, reason: `has ${record.length} cells where the header has ${width}` };
      } else {
        const cells = places.map((place, i) =>
          cellFrom(place === undefined ? '' : (record[place] ?? ''), columns[i]?.type),
        );
        yield { line: info.lines, cells };
      }
    }
    yield* broken.splice(0);
    // A file without a single line has no columns either.
    if (places === undefined) placesIn(kind, []);
  } finally {
    input.destroy();
  }
}

/** What stands in a cell: an empty one is null, a number is one that JavaScript writes. */
function cellFrom(text: string, type: string | undefined): Cell {
  if (text === '') return null;
  if (type === 'text') return text;
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}
