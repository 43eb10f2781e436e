const formats = new Map<string, Intl.DateTimeFormat>();
/** The last answer by zone: all users of a zone ask at one instant. */
const latest = new Map<string, LocalDay>();

interface LocalDay {
  span: number;
  readonly day: string;
  monday?: string;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The calendar day `2026-03-29` of an instant in a time zone (IANA name). An unknown name counts as UTC. */
export const localDay = (timeZone: string, atMs: number): string => dayIn(timeZone, atMs).day;

/** The Monday of an instant's week in a time zone, as `2026-03-23`. */
export function localWeek(timeZone: string, atMs: number): string {
  const known = dayIn(timeZone, atMs);
  known.monday ??= mondayOf(known.day);
  return known.monday;
}

function dayIn(timeZone: string, atMs: number): LocalDay {
  // A day begins on a whole minute everywhere, so that all instants of one share its day; UTC's are its own.
  const span = Math.floor(atMs / (timeZone === 'UTC' ? dayMs : minuteMs));
  let known = latest.get(timeZone);
  if (known?.span === span) return known;
  const day = formatted(timeZone, atMs);
  if (known?.day === day) known.span = span;
  else {
    known = { span, day };
    latest.set(timeZone, known);
  }
  return known;
}

function mondayOf(day: string): string {
  // The calendar day's own date, reckoned with as if it were UTC.
  const atMs = Date.parse(`${day}T00:00:00Z`);
  const sinceMonday = (new Date(atMs).getUTCDay() + 6) % 7;
  return new Date(atMs - sinceMonday * dayMs).toISOString().slice(0, 10);
}

function formatted(timeZone: string, atMs: number): string {
  // The zone of whoever chose none: a tenth of what the format takes.
  if (timeZone === 'UTC') return new Date(atMs).toISOString().slice(0, 10);
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = formatOf(timeZone);
    formats.set(timeZone, format);
  }
  return format.format(atMs);
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-CA', { ...options, timeZone });
  } catch (error) {
    if (error instanceof RangeError) return new Intl.DateTimeFormat('en-CA', { ...options, timeZone: 'UTC' });
    throw error;
  }
}
