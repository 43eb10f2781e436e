import type { MacroReading } from '@perpdesk/core';
import * as z from 'zod';
import { recordsFromRows } from './macro-row.ts';
import { readCsv } from './read-csv.ts';
import { readIcs } from './read-ics.ts';
import { type FeedItem, readFeed } from './read-rss.ts';
import { capped } from './too-many-entries.ts';

/**
 * How a calendar is written, and how its own shape becomes rows. CSV and iCalendar need nothing; JSON is an array of rows
 * unless `toRows` makes one of it; what a feed's entries mean only the caller knows.
 */
export type MacroFormat =
  | { readonly format: 'csv' | 'ics' }
  | { readonly format: 'json'; readonly toRows?: (json: unknown) => readonly unknown[] }
  | { readonly format: 'rss'; readonly toRows: (items: readonly FeedItem[]) => readonly unknown[] };

/**
 * The records of a file or an answer.
 * @throws Error when as a whole it is not what it should be.
 */
export function readMacroContent(
  content: string,
  format: MacroFormat,
  source: string,
): Omit<MacroReading, 'unchanged'> {
  return recordsFromRows(rowsOf(content, format), source);
}

function rowsOf(content: string, format: MacroFormat): readonly unknown[] {
  switch (format.format) {
    case 'csv':
      return readCsv(content);
    case 'ics':
      return readIcs(content);
    case 'rss':
      return capped(format.toRows(readFeed(content)));
    case 'json': {
      const json: unknown = JSON.parse(content);
      return capped(format.toRows?.(json) ?? z.array(z.unknown()).parse(json));
    }
  }
}
