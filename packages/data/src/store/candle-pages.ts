import type { CandleColumns } from '@perpdesk/core';
import { CandleBuffer } from '../candles/candle-buffer.ts';
import { turn } from './bulk-upsert.ts';
import { cellAt, numbersOf, type ScanPage } from './scan/scanner.ts';
import type { NumberedSpan, SeriesReader } from './series-reader.ts';
import { seriesTables } from './tables/series-tables.ts';

/** A bar's numbers in the order they lie in the table. */
const names = ['openAtMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Pages of bars as one; the loop turns between those that are copied. */
export async function joinPages(pages: readonly ScanPage[]): Promise<CandleColumns> {
  const length = pages.reduce((sum, page) => sum + page.length, 0);
  const [only] = pages.length === 1 ? pages : [];
  const column = (place: number): Float64Array =>
    only === undefined ? new Float64Array(length) : numbersOf(only, place);
  const bars: CandleColumns = {
    length,
    openAtMs: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  };
  if (only !== undefined) return bars;
  let at = 0;
  for (const page of pages) {
    for (const [place, name] of names.entries()) bars[name].set(numbersOf(page, place), at);
    at += page.length;
    await turn();
  }
  return bars;
}

/** Bars of `everyMs` from a span of shorter ones, `parts` of which make one up; those that lack any are left out. */
export async function largerBars(
  reader: SeriesReader,
  span: NumberedSpan,
  everyMs: number,
  parts: number,
  options: { readonly signal?: AbortSignal },
): Promise<CandleColumns> {
  const bars = new CandleBuffer();
  const wanted = {
    ofAll: [
      { of: 'max', column: 'high' },
      { of: 'min', column: 'low' },
      { of: 'sum', column: 'volume' },
    ],
    ofOne: [
      { of: 'first', column: { name: 'open', type: 'float8' } },
      { of: 'last', column: { name: 'close', type: 'float8' } },
    ],
  } as const;
  for await (const page of reader.stretches(seriesTables.candle, span, everyMs, wanted, options)) {
    for (let i = 0; i < page.length; i += 1) {
      const at = (place: number): number => Number(cellAt(page, place, i));
      if (at(1) === parts) bars.push(at(0), at(7), at(4), at(5), at(8), at(6));
    }
  }
  return bars.columns();
}
