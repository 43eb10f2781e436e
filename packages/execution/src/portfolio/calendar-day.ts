interface ZonedDays {
  readonly format: Intl.DateTimeFormat;
  /** The quarter of an hour that was asked for last, and its day: every zone's midnight falls on a quarter of an hour. */
  quarter: number;
  day: string;
}

const zones = new Map<string, ZonedDays>();
const quarterMs = 900_000;

/** The calendar day, `YYYY-MM-DD`, that an instant lies in, in an IANA time zone. @throws RangeError for a zone that is none. */
export function calendarDay(atMs: number, timeZone: string): string {
  let zone = zones.get(timeZone);
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    zone = { format, quarter: Number.NaN, day: '' };
    zones.set(timeZone, zone);
  }
  const quarter = Math.floor(atMs / quarterMs);
  if (zone.quarter !== quarter) {
    // The zone of whoever chose none: a tenth of what the format takes.
    zone.day = timeZone === 'UTC' ? new Date(atMs).toISOString().slice(0, 10) : zone.format.format(atMs);
    zone.quarter = quarter;
  }
  return zone.day;
}
