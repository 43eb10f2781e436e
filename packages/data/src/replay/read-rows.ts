import { ConfigError } from '@perpdesk/core';
import type { RowLayout, RowNumbers } from './replay-format.ts';
import type { ReportBuilder } from './replay-report.ts';
import type { RowTable } from './row-table.ts';

const byteOrderMark = /^\uFEFF/;
const lineEnd = /\r\n|\n|\r/;
const startsLikeNumber = /^[\d.+-]/;

/**
 * Reads the rows of a CSV text into a table. Rows that can not be read go into the report with file and line, so does an
 * empty file; empty lines mean nothing.
 * @throws ConfigError `replay.header` when the file has other columns than its name promises.
 */
export function readRows(text: string, file: string, layout: RowLayout, table: RowTable, report: ReportBuilder): void {
  // None of the formats quotes: every line is a row, and a row's number its line. A year of minutes is half a million of them.
  const lines = text.replace(byteOrderMark, '').split(lineEnd.exec(text)?.[0] ?? '\n');
  const numbers: RowNumbers = new Float64Array(8);
  let latestAtMs = Number.NEGATIVE_INFINITY;
  let read = 0;
  table.beginFile(file);
  lines.forEach((content, index) => {
    const line = index + 1;
    const fields = content.split(',');
    if (fields.length === 1 && (fields[0] ?? '').trim() === '') return;
    if (index === 0 && isHeader(fields, layout, file)) return;
    read += 1;
    const fault =
      fields.length === layout.fields
        ? layout.read(fields, numbers)
        : `${layout.fields} fields are expected, there are ${fields.length}`;
    if (fault !== undefined) {
      report.malformed({ file, line, reason: fault });
      return;
    }
    const atMs = numbers[0] ?? 0;
    if (atMs < latestAtMs)
      report.outOfOrder({ file, line, reason: `its time ${atMs} is before ${latestAtMs}, which stands above it` });
    else latestAtMs = atMs;
    table.push(numbers, line);
  });
  if (read === 0) report.malformed({ file, line: 1, reason: 'the file holds no rows' });
}

function isHeader(fields: readonly string[], layout: RowLayout, file: string): boolean {
  if (startsLikeNumber.test(fields[0] ?? '')) return false;
  const expected = layout.header?.join();
  if (expected === undefined) return false;
  const actual = fields.map((field) => field.trim()).join();
  if (actual === expected) return true;
  throw new ConfigError(
    'replay.header',
    `The file ${file} line 1 should read ${expected}, it reads ${actual.slice(0, 100)}.`,
  );
}
