const formats = new Map<string, Intl.DateTimeFormat>();
/** The last answer by zone: all users of a zone ask at one instant. */
const latest = new Map<string, { readonly minute: number; readonly day: string }>();

/** The calendar day `2026-03-29` of an instant in a time zone (IANA name). An unknown name counts as UTC. */
export function localDay(timeZone: string, atMs: number): string {
  // A day begins on a whole minute everywhere, so that all instants of one share its day.
  const minute = Math.floor(atMs / 60_000);
  const known = latest.get(timeZone);
  if (known?.minute === minute) return known.day;
  const day = formatted(timeZone, atMs);
  latest.set(timeZone, { minute, day });
  return day;
}

/** The Monday of an instant's week in a time zone, as `2026-03-23`. */
export function localWeek(timeZone: string, atMs: number): string {
  // The calendar day's own date, reckoned with as if it were UTC.
  const dayMs = Date.parse(`${localDay(timeZone, atMs)}T00:00:00Z`);
  const sinceMonday = (new Date(dayMs).getUTCDay() + 6) % 7;
  return new Date(dayMs - sinceMonday * 86_400_000).toISOString().slice(0, 10);
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
