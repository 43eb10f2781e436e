import { parse } from 'csv-parse/sync';
import { capped } from './too-many-entries.ts';

/**
 * The rows of a calendar in CSV, by the names in its first line: `series,period,at,zone,consensus,previous,actual,…`.
 * @throws Error when it is not CSV.
 */
export function readCsv(content: string): readonly unknown[] {
  return capped(
    parse(content, {
      columns: (names: string[]) => names.map((name) => name.trim()),
      bom: true,
      comment: '#',
      comment_no_infix: true,
      skip_empty_lines: true,
      trim: true,
      relax_column_count: true,
      max_record_size: 10_000,
    }),
  );
}
