import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { CaseColumns } from '../indicator-case.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../../shared/fixtures', import.meta.url));
const folder = `${fixtures}/indicators`;

/** Whether the shared fixtures are there; tests that need them are skipped by name where not. */
export const hasFixtures = existsSync(folder);

/** A row of a reference result of Stock.Indicators. */
export interface ReferenceRow {
  readonly [output: string]: number | string | null;
}

/** The rows of a reference result of Stock.Indicators, over the quotes `default`. */
export const expectedRows = (name: string): readonly ReferenceRow[] =>
  JSON.parse(gunzipSync(readFileSync(`${folder}/skender/results/${name}.standard.json.gz`)).toString('utf8'));

/** A day as any of the quote files writes it: 2017-01-03, 01/03/2017, 1/3/17, with or without a time. */
function dayOf(text: string): number {
  const [day = '', time = '00:00'] = text.split(/[ T]/);
  const [first = '', second = '', third = ''] = day.split(/[-/]/);
  const [year, month, date] = first.length === 4 ? [first, second, third] : [third, first, second];
  const [hours, minutes] = time.split(':');
  const fullYear = Number(year) < 100 ? 2000 + Number(year) : Number(year);
  return Date.UTC(fullYear, Number(month) - 1, Number(date), Number(hours), Number(minutes));
}

/** A file of quotes as columns; an empty cell is NaN. Taker volume, which they lack, is half the volume. */
export function quotes(name: string): CaseColumns {
  const path = `${folder}/skender/quotes/${name}.csv`;
  const text = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
  const lines = text.toString('utf8').trim().split('\n').slice(1);
  const rows = lines.map((line) => line.trim().split(','));
  const column = (cell: number): Float64Array =>
    Float64Array.from(rows, (cells) => (cells[cell] ? Number(cells[cell]) : Number.NaN));
  const volume = column(5);
  return {
    openAtMs: Float64Array.from(rows, ([day = '']) => dayOf(day)),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume,
    buyVolume: volume.map((size) => size / 2),
    sellVolume: volume.map((size) => size / 2),
  };
}

/** The rows of numbers below a title of Tulip's test file: inputs, then outputs. */
export function tulip(title: string): readonly Float64Array[] {
  const lines = readFileSync(`${folder}/tulip/untest.txt`, 'utf8').split('\n');
  const rows: Float64Array[] = [];
  for (let i = lines.findIndex((line) => line.trim() === title) + 1; lines[i]?.startsWith('{'); i += 1) {
    rows.push(Float64Array.from((lines[i] ?? '').trim().slice(1, -1).split(','), Number));
  }
  return rows;
}
