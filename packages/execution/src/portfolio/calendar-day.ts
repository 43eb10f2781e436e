interface ZonedDays {
  /** Undefined for UTC, the zone of whoever chose none: it takes ten times as long. */
  readonly format: Intl.DateTimeFormat | undefined;
  /** The span that was asked for last, and its day. Every zone's midnight falls on a quarter of an hour, UTC's days are its own. */
  readonly spanMs: number;
  span: number;
  day: string;
}

const zones = new Map<string, ZonedDays>();
const quarterMs = 900_000;
const dayMs = 86_400_000;

/** The calendar day, `YYYY-MM-DD`, that an instant lies in, in an IANA time zone. @throws RangeError for a zone that is none. */
export function calendarDay(atMs: number, timeZone: string): string {
  let zone = zones.get(timeZone);
  if (zone === undefined) {
    zone = zoneOf(timeZone);
    zones.set(timeZone, zone);
  }
  const span = Math.floor(atMs / zone.spanMs);
  if (zone.span !== span) {
    zone.day = zone.format?.format(atMs) ?? new Date(atMs).toISOString().slice(0, 10);
    zone.span = span;
  }
  return zone.day;
}

function zoneOf(timeZone: string): ZonedDays {
  const last = { span: Number.NaN, day: '' };
  if (timeZone === 'UTC') return { ...last, format: undefined, spanMs: dayMs };
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return { ...last, format, spanMs: quarterMs };
}
