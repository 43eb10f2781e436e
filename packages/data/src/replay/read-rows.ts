import { ConfigError } from '@perpdesk/core';
import type { RowLayout, RowNumbers } from './replay-format.ts';
import type { ReportBuilder } from './replay-report.ts';
import { RowFields } from './row-fields.ts';
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
  const body = text.replace(byteOrderMark, '');
  const separator = lineEnd.exec(text)?.[0] ?? '\n';
  const fields = new RowFields(body);
  const numbers: RowNumbers = new Float64Array(8);
  let latestAtMs = Number.NEGATIVE_INFINITY;
  let read = 0;
  table.beginFile(file);
  for (let from = 0, line = 1; from < body.length; line += 1) {
    const found = body.indexOf(separator, from);
    const to = found < 0 ? body.length : found;
    fields.moveTo(from, to);
    from = to + separator.length;
    if (fields.count === 1 && fields.text(0).trim() === '') continue;
    if (line === 1 && isHeader(fields.texts(), layout, file)) continue;
    read += 1;
    const fault =
      fields.count === layout.fields
        ? layout.read(fields, numbers)
        : `${layout.fields} fields are expected, there are ${fields.count}`;
    if (fault !== undefined) {
      report.malformed({ file, line, reason: fault });
      continue;
    }
    const atMs = numbers[0] ?? 0;
    if (atMs < latestAtMs)
      report.outOfOrder({ file, line, reason: `its time ${atMs} is before ${latestAtMs}, which stands above it` });
    else latestAtMs = atMs;
    table.push(numbers, line);
  }
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
