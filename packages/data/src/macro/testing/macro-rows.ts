import type { MacroRecord } from '@perpdesk/core';
import { recordFromRow } from '../macro-row.ts';

/** A consumer price figure for November 2026, due 2026-12-10 08:30 in New York, known from the first of the month. */
export function exampleRecord(changes: Partial<Record<string, unknown>> = {}, source = 'example'): MacroRecord {
  return recordFromRow(
    {
      series: 'US.CPI.YOY',
      period: '2026-11',
      at: '2026-12-10T13:30:00Z',
      knownAt: '2026-12-01T00:00:00Z',
      ...changes,
    },
    source,
  );
}
