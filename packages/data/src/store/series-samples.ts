import type { SeriesKind, SeriesRows, SeriesSample } from '@perpdesk/core';
import { cellAt } from './scan/scanner.ts';
import type { NumberedSpan, SeriesReader } from './series-reader.ts';
import type { SeriesName, SeriesTable } from './tables/series-table.ts';

/** Cells of a page before those that are asked for: start, rows, first and last own time. */
const leading = 4;

/** What happened in each stretch of a series. */
export async function samplesIn<Kind extends SeriesKind>(
  reader: SeriesReader,
  table: SeriesTable<SeriesRows[Kind]>,
  identity: SeriesName,
  span: NumberedSpan,
  everyMs: number,
  options: { readonly signal?: AbortSignal },
): Promise<readonly SeriesSample<Kind>[]> {
  const columns = table.measured.map((field) => table.columnOf(field));
  const ofAll = columns.flatMap((column) => [{ of: 'sum', column } as const, { of: 'count', column } as const]);
  const ofOne = table.cells.map((column) => ({ of: 'last', column }) as const);
  const samples: SeriesSample<Kind>[] = [];
  for await (const page of reader.stretches(table, span, everyMs, { ofAll, ofOne }, options)) {
    for (let i = 0; i < page.length; i += 1) {
      const sums: Record<string, number> = {};
      const means: Record<string, number> = {};
      for (const [place, field] of table.measured.entries()) {
        const counted = Number(cellAt(page, leading + 2 * place + 1, i));
        if (counted === 0) continue;
        const sum = Number(cellAt(page, leading + 2 * place, i));
        sums[String(field)] = sum;
        means[String(field)] = sum / counted;
      }
      samples.push({
        fromMs: Number(cellAt(page, 0, i)),
        rows: Number(cellAt(page, 1, i)),
        last: table.fromCells(identity, (place) => cellAt(page, leading + ofAll.length + place, i)),
        means: means as SeriesSample<Kind>['means'],
        sums: sums as SeriesSample<Kind>['sums'],
      });
    }
  }
  return samples;
}
