import { foreignText, type MacroRecord, type MacroSource, macroRecordSchema } from '@perpdesk/core';
import * as z from 'zod';
import { seriesById, seriesByTitle } from './macro-series.ts';
import { usualPeriod } from './reference-period.ts';
import { instantIn, timeZoneOf } from './zoned-time.ts';

const optionalNumber = z
  .union(
    [
      z.number(),
      z
        .string()
        .trim()
        .regex(/^[+-]?\d{1,15}(\.\d{1,12})?$/)
        .transform(Number),
    ],
    'is not a plain number',
  )
  .optional();
const text = (longest: number) =>
  z
    .string()
    .transform((value) => foreignText(value, longest))
    .optional();

/** One line of a calendar as files and addresses tell it. Columns that are not listed are passed over. */
const rowSchema = z.object({
  series: z.string().max(60).optional(),
  title: text(200),
  period: text(20),
  at: z.string().max(40),
  zone: z.string().max(60).optional(),
  consensus: optionalNumber,
  previous: optionalNumber,
  actual: optionalNumber,
  releasedAt: z.string().max(40).optional(),
  knownAt: z.string().max(40).optional(),
  estimated: z.union([z.boolean(), z.stringbool()]).optional(),
  country: z.string().max(2).optional(),
  importance: z.string().max(20).optional(),
  theme: z.string().max(30).optional(),
  polarity: optionalNumber,
  unit: text(20),
});

const written = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/;
/**
 * A record from a row: `at` (an instant with an offset, or a local time with `zone`), the series by id or by its title, what
 * is left out from the list of known series.
 * @throws Error in one sentence when the row can not be one.
 */
export function recordFromRow(row: unknown, source: string): MacroRecord {
  const parsed = rowSchema.safeParse(withoutBlanks(row));
  if (!parsed.success) throw new Error(firstIssue(parsed.error));
  const { at, zone, releasedAt, knownAt, estimated, period, series: id, ...said } = parsed.data;
  const known = id === undefined ? seriesByTitle(said.title ?? '') : seriesById(id.trim().toUpperCase());
  const scheduledAtMs = instantOf(at, zone);
  const series = known?.series ?? id?.trim().toUpperCase();
  if (series === undefined) throw new Error(`no known series is called "${said.title ?? ''}", and none is named`);
  const { period: _, usualSurprise: __, named: ___, ...usual } = known ?? { period: '', usualSurprise: 0, named: '' };
  const record = {
    ...usual,
    ...definedOf({
      ...said,
      // The name a series is known by goes before what a calendar calls it.
      title: known?.title ?? said.title,
      importance: said.importance ?? known?.importance ?? 'medium',
      releasedAtMs: releasedAt === undefined ? undefined : instantOf(releasedAt, zone),
      knownAtMs: knownAt === undefined ? undefined : instantOf(knownAt, zone),
      estimated: estimated === true ? true : undefined,
    }),
    series,
    referencePeriod: period ?? (known && usualPeriod(known, scheduledAtMs)),
    scheduledAtMs,
    source,
  };
  const checked = macroRecordSchema.safeParse(record);
  if (!checked.success) throw new Error(firstIssue(checked.error));
  return checked.data;
}

/** Reads rows one by one: what can not be a record is counted, with the reason for the first five. */
export function recordsFromRows(
  rows: readonly unknown[],
  source: string,
): Omit<Awaited<ReturnType<MacroSource['fetch']>>, 'unchanged'> {
  const records: MacroRecord[] = [];
  const reasons: string[] = [];
  let count = 0;
  rows.forEach((row, index) => {
    try {
      records.push(recordFromRow(row, source));
    } catch (error) {
      count += 1;
      if (reasons.length < 5) reasons.push(foreignText(`entry ${index + 1}: ${(error as Error).message}`, 200));
    }
  });
  return { records, refused: { count, reasons } };
}

/** An instant to the minute, which is as fine as calendars are. */
function instantOf(value: string, zone: string | undefined): number {
  const parts = written.exec(value);
  if (parts === null) throw new Error(`"${value}" is not a date and time like 2026-12-10T08:30`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts.slice(1, 6).map(Number);
  const wallMs = Date.UTC(year, month - 1, day, hour, minute);
  // Date.UTC would carry a 31st of February over into March.
  if (
    new Date(wallMs).toISOString().slice(0, 16) !== value.slice(0, 16).replace(' ', 'T') ||
    year < 1900 ||
    year > 2199
  )
    throw new Error(`"${value}" is not a date and time that can be`);
  const offset = parts[6];
  if (offset !== undefined) return wallMs - offsetMs(offset);
  const known = zone === undefined ? undefined : timeZoneOf(zone);
  if (known === undefined) throw new Error(`"${value}" has no offset, and "${zone ?? ''}" is no time zone`);
  return instantIn(known, { year, month, day, hour, minute });
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0;
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function withoutBlanks(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row;
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== '' && value !== null));
}

function definedOf(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'is not a row' : `${issue.path.join('.')} ${issue.message}`.trim();
}
